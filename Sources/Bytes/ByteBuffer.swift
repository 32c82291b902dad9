/// A growable, contiguous run of bytes with value semantics (copy on write).
///
/// An empty buffer owns nothing on the heap. The value is three words, so it may live inside a connection.
/// Bytes are appended at the end and may be dropped at the front without moving the rest.
@frozen
public struct ByteBuffer: @unchecked Sendable {
    // Unchecked, as for Array: the block is never written while a second value refers to it.
    /// The block; `nil` until something needs room.
    @usableFromInline var storage: ByteBlock?
    /// The index in the block of the first live byte.
    @usableFromInline var start: Int
    /// The index in the block behind the last live byte.
    @usableFromInline var end: Int

    /// The smallest block, so that a buffer that grows by single bytes does not reallocate at each.
    @usableFromInline static var smallestBlock: Int { 64 }

    /// An empty buffer with room for `capacity` bytes; none is allocated for 0.
    @inlinable
    public init(capacity: Int = 0) {
        storage = nil
        start = 0
        end = 0
        if capacity > 0 { grow(capacity) }
    }

    /// A buffer that holds a copy of `bytes`.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    /// A buffer that holds a copy of `bytes`.
    @inlinable
    public init(_ bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    /// The number of bytes held.
    @inlinable
    public var count: Int { end &- start }

    /// Whether no byte is held.
    @inlinable
    public var isEmpty: Bool { end == start }

    /// The number of bytes the present block can hold.
    @inlinable
    public var capacity: Int { storage?.capacity ?? 0 }

    /// The byte at `index`, which must be in `0..<count`.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "byte index out of range")
        return withBytes { $0[index] }
    }

    // MARK: Appending

    /// Appends one byte.
    @inlinable
    public mutating func append(_ byte: UInt8) {
        room(1).pointee = byte
        end &+= 1
    }

    /// Appends a copy of `bytes`, which must not lie in this buffer.
    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        UnsafeMutableRawPointer(room(bytes.count)).copyMemory(from: source, byteCount: bytes.count)
        end &+= bytes.count
    }

    /// Appends the UTF-8 bytes of a literal.
    @inlinable
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends the UTF-8 bytes of `text`.
    @inlinable
    @_disfavoredOverload  // A literal is to take the cheaper way above.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a copy of `bytes`.
    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends the bytes of another buffer.
    @inlinable
    public mutating func append(_ other: ByteBuffer) {
        other.withBytes { append($0) }
    }

    // MARK: Room

    /// Makes room for `extra` more bytes, so that appending them allocates nothing.
    @inlinable
    public mutating func reserve(_ extra: Int) {
        _ = room(extra)
    }

    /// Hands out the free room behind the bytes, at least `minimum` bytes of it, and appends what `body` wrote there.
    ///
    /// `body` returns the number of bytes it wrote at the start of the room; more than the room is our own fault.
    @inlinable
    public mutating func withSpare(
        _ minimum: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int
    ) rethrows {
        let target = room(minimum)
        let spare = UnsafeMutableRawBufferPointer(start: target, count: capacity &- end)
        let written = try body(spare)
        precondition(written >= 0 && written <= spare.count, "more bytes written than there was room")
        end &+= written
    }

    /// Forgets all bytes; the block is kept for reuse where asked and not shared with another value.
    @inlinable
    public mutating func removeAll(keepingCapacity: Bool = false) {
        if !keepingCapacity || !isKnownUniquelyReferenced(&storage) { storage = nil }
        start = 0
        end = 0
    }

    /// Forgets the first `count` bytes, at most as many as are held. Nothing is moved.
    @inlinable
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "removing more bytes than there are")
        start &+= count
        if start == end, isKnownUniquelyReferenced(&storage) {
            start = 0
            end = 0
        }
    }

    /// Forgets the last `count` bytes, at most as many as are held.
    @inlinable
    public mutating func removeLast(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "removing more bytes than there are")
        end &-= count
    }

    // MARK: Reading

    /// Lends the bytes; the pointer is valid during the call only.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        guard let storage else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        // The block must outlive the call, though nothing refers to it any more once its address is taken.
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: storage.bytes + start, count: count))
    }

    /// Lends the bytes for change in place; the pointer is valid during the call only.
    @inlinable
    public mutating func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
        let target = room(0)
        return try body(UnsafeMutableRawBufferPointer(start: target - count, count: count))
    }

    /// The bytes as UTF-8, invalid ones replaced by U+FFFD. For tests and cold paths.
    public var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// A copy of the bytes as an array. For tests and cold paths.
    public var bytes: [UInt8] { withBytes { [UInt8]($0) } }

    // MARK: The block

    /// The address behind the last byte, with room for `minimum` more bytes in a block that is ours alone.
    @inlinable
    @inline(__always)
    mutating func room(_ minimum: Int) -> UnsafeMutablePointer<UInt8> {
        if !isKnownUniquelyReferenced(&storage) || storage.unsafelyUnwrapped.capacity &- end < minimum {
            grow(minimum)
        }
        return storage.unsafelyUnwrapped.bytes + end
    }

    /// Moves the live bytes to the front of their block where that frees enough, else to a larger block of our own.
    @usableFromInline
    @inline(never)
    mutating func grow(_ minimum: Int) {
        precondition(minimum >= 0, "negative room")
        let live = count
        let (needed, overflow) = live.addingReportingOverflow(minimum)
        precondition(!overflow, "buffer size overflows")
        // Sliding is only worth it when it moves less than it frees; else repeated small drops would cost n².
        if isKnownUniquelyReferenced(&storage), let storage, needed <= storage.capacity, start >= live {
            storage.bytes.update(from: storage.bytes + start, count: live)
        } else {
            // Exact when the block is first made or copied for sharing; doubled when it grows.
            let grown = capacity < needed ? max(needed, capacity &* 2) : needed
            let block = ByteBlock(capacity: max(grown, Self.smallestBlock))
            if let storage { block.bytes.update(from: storage.bytes + start, count: live) }
            storage = block
        }
        start = 0
        end = live
    }
}

/// A heap block of fixed size. Its properties are constants, so that reading them costs no exclusivity check.
@usableFromInline
final class ByteBlock {
    @usableFromInline let bytes: UnsafeMutablePointer<UInt8>
    @usableFromInline let capacity: Int

    init(capacity: Int) {
        bytes = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { bytes.deallocate() }
}

extension ByteBuffer: Equatable {
    /// Whether both hold the same bytes.
    public static func == (left: ByteBuffer, right: ByteBuffer) -> Bool {
        left.withBytes { left in
            right.withBytes { right in left.elementsEqual(right) }
        }
    }
}
