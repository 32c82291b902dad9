/// Checks UTF-8 (RFC 3629) that arrives in pieces, and fails at the first bad byte even in mid-sequence.
///
/// The state is three bytes, so that it may live in every connection.
@frozen
public struct UTF8Validator: Sendable {
    /// Continuation bytes still owed; ``failed`` after a bad byte.
    @usableFromInline var owed: UInt8 = 0
    /// The least value of the next continuation byte: narrower than 0x80 only behind E0 and F0.
    @usableFromInline var lowest: UInt8 = 0x80
    /// The greatest value of the next continuation byte: narrower than 0xBF only behind ED and F4.
    @usableFromInline var highest: UInt8 = 0xBF

    @usableFromInline static var failed: UInt8 { 0xFF }

    /// A validator that has seen nothing.
    @inlinable
    public init() {}

    /// Checks the next piece; `false` if some byte of it, or of an earlier one, cannot be part of UTF-8.
    @inlinable
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        firstInvalidIndex(feeding: bytes) == nil
    }

    /// Whether all bytes so far were valid and no sequence is left unfinished.
    @inlinable
    public var isComplete: Bool { owed == 0 }

    /// Checks the next piece; the index in it of the first byte that cannot be part of UTF-8, or `nil`.
    ///
    /// After a failure every further piece fails at its index 0.
    public mutating func firstInvalidIndex(feeding bytes: UnsafeRawBufferPointer) -> Int? {
        guard owed != Self.failed else { return 0 }
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        let count = bytes.count
        var index = 0
        while index < count {
            if owed == 0 {
                index = Self.validPrefix(base, from: index, count)
                guard index < count else { return nil }
                // A bad lead, a bad continuation or a sequence cut off by the piece's end: byte by byte from here.
                guard begin(base[index]) else { return fail(index) }
            } else {
                guard base[index] >= lowest, base[index] <= highest else { return fail(index) }
                owed &-= 1
                lowest = 0x80
                highest = 0xBF
            }
            index &+= 1
        }
        return nil
    }

    /// Whether `bytes` are UTF-8, whole.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
        return validPrefix(base, from: 0, bytes.count) == bytes.count
    }

    private mutating func fail(_ index: Int) -> Int {
        owed = Self.failed
        return index
    }

    /// Takes a byte that must begin a sequence or be ASCII.
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: owed = 1
        case 0xE0...0xEF:
            owed = 2
            if byte == 0xE0 { lowest = 0xA0 }
            if byte == 0xED { highest = 0x9F }
        case 0xF0...0xF4:
            owed = 3
            if byte == 0xF0 { lowest = 0x90 }
            if byte == 0xF4 { highest = 0x8F }
        default: return false
        }
        return true
    }

    /// The index behind the longest run from `start` that consists of whole valid sequences.
    private static func validPrefix(_ base: UnsafePointer<UInt8>, from start: Int, _ count: Int) -> Int {
        var index = start
        while index < count {
            if base[index] < 0x80 {
                index = asciiPrefix(base, from: index &+ 1, count)
            } else {
                let length = sequenceLength(base, index, count)
                guard length > 0 else { return index }
                index &+= length
            }
        }
        return index
    }

    /// The index of the first byte from `start` that is not ASCII, or `count`; sixteen bytes a step.
    private static func asciiPrefix(_ base: UnsafePointer<UInt8>, from start: Int, _ count: Int) -> Int {
        let raw = UnsafeRawPointer(base)
        var index = start
        while count &- index >= 16 {
            let first = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let second = raw.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
            if (first | second) & 0x8080_8080_8080_8080 != 0 { break }
            index &+= 16
        }
        while index < count, base[index] < 0x80 { index &+= 1 }
        return index
    }

    /// The length, 2 to 4, of the whole valid sequence that begins at `index` with a byte from 0x80 on; 0 if none does.
    static func sequenceLength(_ base: UnsafePointer<UInt8>, _ index: Int, _ count: Int) -> Int {
        let lead = base[index]
        let left = count &- index
        if lead < 0xE0 {
            return lead >= 0xC2 && left >= 2 && isContinuation(base[index &+ 1]) ? 2 : 0
        }
        guard left >= 3 else { return 0 }
        let second = base[index &+ 1]
        guard isContinuation(second), isContinuation(base[index &+ 2]) else { return 0 }
        if lead < 0xF0 {
            if lead == 0xE0 { return second >= 0xA0 ? 3 : 0 }
            return lead == 0xED && second > 0x9F ? 0 : 3
        }
        guard left >= 4, isContinuation(base[index &+ 3]), lead <= 0xF4 else { return 0 }
        if lead == 0xF0 { return second >= 0x90 ? 4 : 0 }
        return lead == 0xF4 && second > 0x8F ? 0 : 4
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
