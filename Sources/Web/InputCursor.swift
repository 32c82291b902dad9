/// What a machine has yet to read of the bytes that its caller holds.
///
/// The bytes stay the caller's and must outlive the cursor. They are mutable because WebSocket masking is undone in
/// place.
public struct InputCursor {
    /// The bytes not read yet.
    public private(set) var remaining: UnsafeMutableRawBufferPointer

    /// A cursor at the first of `bytes`.
    public init(_ bytes: UnsafeMutableRawBufferPointer) {
        remaining = bytes
    }

    /// Whether every byte has been read.
    public var isEmpty: Bool { remaining.isEmpty }

    /// Steps over the next `count` bytes, at most as many as remain.
    public mutating func advance(_ count: Int) {
        precondition(count >= 0 && count <= remaining.count, "a cursor stays within its bytes")
        remaining = UnsafeMutableRawBufferPointer(
            start: remaining.baseAddress.map { $0 + count }, count: remaining.count - count)
    }

    /// Steps over everything, unread.
    mutating func discard() { advance(remaining.count) }

    /// The bytes not read yet, for reading only.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(remaining) }

    /// Steps over the next `count` bytes and answers them.
    mutating func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let taken = UnsafeMutableRawBufferPointer(rebasing: remaining[..<(remaining.startIndex + count)])
        advance(count)
        return taken
    }
}
