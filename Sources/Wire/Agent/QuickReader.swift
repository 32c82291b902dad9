import Bytes
import Grid

/// Reads the JSON that agents normally write, and gives up on everything else.
///
/// It accepts a subset of what ``MessageReader`` accepts and reads the same values from it: keys without escapes,
/// whole numbers of at most 18 digits, decimal fractions of at most 15, `null`. Whatever differs, be it wrong or only
/// unusual, throws ``Unusual`` and is left to the strict reader.
///
/// The last byte is known to be a closing brace, which no number, literal or whitespace contains: so these are read
/// without looking for the end at each byte.
struct QuickReader: SampleReader {
    /// The message is not for the quick reader.
    struct Unusual: Error {}

    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private var depth = 1
    /// Whether the innermost open array or object had no element yet.
    private var isFirst = false
    var scope: StaticString = ""

    /// A reader inside a message that begins as our own samples do; `nil` for any other.
    init?(sample bytes: UnsafeRawBufferPointer) {
        let opening: StaticString = "{\"type\":\"sample\""
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            bytes.count > opening.utf8CodeUnitCount, bytes[bytes.count - 1] == UInt8(ascii: "}"),
            Self.isSame(base, opening.utf8Start, opening.utf8CodeUnitCount)
        else { return nil }
        next = base + opening.utf8CodeUnitCount
        end = base + bytes.count
    }

    // MARK: Structure

    @inline(__always)
    mutating func nextKey<Key: WireKey>(_ expected: inout Int) throws(Unusual) -> FoundKey<Key> {
        var byte = try significant()
        if byte == UInt8(ascii: "}") {
            close()
            return .end
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw Unusual() }
            next += 1
            byte = try significant()
        }
        guard byte == UInt8(ascii: "\"") else { throw Unusual() }
        isFirst = false
        // An absent reading leaves its key out: the one after it is tried next, and so on, once around.
        for turn in 0..<2 {
            var position = turn == 0 ? expected : 0
            while let key = Key(rawValue: position) {
                if take(key.name) {
                    expected = position &+ 1
                    try colon()
                    return .known(key)
                }
                position &+= 1
            }
        }
        try passText()
        try colon()
        return .unknown
    }

    @inline(__always)
    mutating func beginObject(_ name: StaticString) throws(Unusual) -> Bool {
        try open(UInt8(ascii: "{"))
    }

    @inline(__always)
    mutating func beginArray(_ name: StaticString) throws(Unusual) -> Bool {
        try open(UInt8(ascii: "["))
    }

    @inline(__always)
    mutating func nextElement() throws(Unusual) -> Bool {
        let byte = try significant()
        if byte == UInt8(ascii: "]") {
            close()
            return false
        }
        if isFirst {
            isFirst = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw Unusual() }
            next += 1
        }
        return true
    }

    /// Only whitespace may remain.
    mutating func finish() throws(Unusual) {
        guard depth == 0, next == end else { throw Unusual() }
    }

    mutating func skip() throws(Unusual) {
        try strictly { (reader) throws(WireError) in try reader.skip() }
    }

    // MARK: Values

    @inline(__always)
    mutating func percent(_ name: StaticString) throws(Unusual) -> Double? {
        guard try isPresent() else { return nil }
        let value = try fraction()
        guard value <= 100 else { throw Unusual() }
        return value
    }

    @inline(__always)
    mutating func real(_ name: StaticString, in range: ClosedRange<Double>) throws(Unusual) -> Double? {
        guard try isPresent() else { return nil }
        let value = try fraction()
        guard range.contains(value) else { throw Unusual() }
        return value
    }

    @inline(__always)
    mutating func amount(_ name: StaticString) throws(Unusual) -> UInt64? {
        guard try isPresent() else { return nil }
        return try digits()
    }

    @inline(__always)
    mutating func whole<Number: FixedWidthInteger>(
        _ name: StaticString, in range: ClosedRange<Number>
    ) throws(Unusual) -> Number? {
        guard try isPresent() else { return nil }
        guard let value = Number(exactly: try digits()), range.contains(value) else { throw Unusual() }
        return value
    }

    @inline(never)
    mutating func strictly<Value>(
        _ read: (inout MessageReader) throws(WireError) -> Value
    ) throws(Unusual) -> Value {
        var reader = MessageReader(UnsafeRawBufferPointer(start: next, count: end - next), insideDepth: depth)
        let value: Value
        do { value = try read(&reader) } catch { throw Unusual() }
        next += reader.offset
        return value
    }

    @inline(__always)
    func fault(_ name: StaticString, _ message: @autoclosure () -> String) -> Unusual { Unusual() }

    // MARK: Primitives

    /// Skips whitespace; the next byte, not consumed.
    @inline(__always)
    private mutating func significant() throws(Unusual) -> UInt8 {
        guard next < end else { throw Unusual() }
        var byte = next.pointee
        while byte <= 0x20 {
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { throw Unusual() }
            next += 1
            byte = next.pointee
        }
        return byte
    }

    @inline(__always)
    private mutating func open(_ bracket: UInt8) throws(Unusual) -> Bool {
        guard try isPresent() else { return false }
        guard next.pointee == bracket else { throw Unusual() }
        next += 1
        depth &+= 1
        isFirst = true
        return true
    }

    @inline(__always)
    private mutating func close() {
        next += 1
        depth &-= 1
        isFirst = false
    }

    /// Whether a value other than `null` follows; `null` is consumed.
    @inline(__always)
    private mutating func isPresent() throws(Unusual) -> Bool {
        guard try significant() == UInt8(ascii: "n") else { return true }
        let null: StaticString = "null"
        guard end - next > 4, Self.isSame(next, null.utf8Start, 4) else { throw Unusual() }
        next += 4
        return false
    }

    /// Consumes the key `name` in its quotes, if that is what follows.
    @inline(__always)
    private mutating func take(_ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard end - next > count &+ 2, next[count &+ 1] == UInt8(ascii: "\""),
            Self.isSame(next + 1, name.utf8Start, count)
        else { return false }
        next += count &+ 2
        return true
    }

    @inline(__always)
    private mutating func colon() throws(Unusual) {
        guard try significant() == UInt8(ascii: ":") else { throw Unusual() }
        next += 1
    }

    /// Consumes a key that is not ours.
    private mutating func passText() throws(Unusual) {
        try strictly { (reader) throws(WireError) in _ = try reader.name("") }
    }

    /// A whole number of at most 18 digits, which no `UInt64` overflows.
    @inline(__always)
    private mutating func digits() throws(Unusual) -> UInt64 {
        let start = next
        let value = scan()
        let count = next - start
        guard count > 0, count <= 18, count == 1 || start.pointee != UInt8(ascii: "0") else { throw Unusual() }
        let follower = next.pointee
        guard follower != UInt8(ascii: "."), follower | 0x20 != UInt8(ascii: "e") else { throw Unusual() }
        return value
    }

    /// A number without sign and exponent, of at most 15 digits: digits ÷ power of ten, both exact, so rounded once.
    @inline(__always)
    private mutating func fraction() throws(Unusual) -> Double {
        let start = next
        var value = scan()
        var count = next - start
        guard count > 0, count <= 15, count == 1 || start.pointee != UInt8(ascii: "0") else { throw Unusual() }
        var power = 1.0
        if next.pointee == UInt8(ascii: ".") {
            next += 1
            let point = next
            while true {
                let digit = next.pointee &- 0x30
                if digit > 9 { break }
                value = value &* 10 &+ UInt64(digit)
                power *= 10
                next += 1
            }
            count &+= next - point
            guard next > point, count <= 15 else { throw Unusual() }
        }
        guard next.pointee | 0x20 != UInt8(ascii: "e") else { throw Unusual() }
        return Double(value) / power
    }

    /// Consumes digits; their value, modulo 2⁶⁴.
    @inline(__always)
    private mutating func scan() -> UInt64 {
        var value: UInt64 = 0
        while true {
            let digit = next.pointee &- 0x30
            if digit > 9 { return value }
            value = value &* 10 &+ UInt64(digit)
            next += 1
        }
    }

    /// Whether `count` bytes are the same. Whole words: keys are short, and a call costs more than they do.
    @inline(__always)
    private static func isSame(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let one = UnsafeRawPointer(left)
        let other = UnsafeRawPointer(right)
        guard count >= 8 else {
            return JSONText.packed(UnsafeRawBufferPointer(start: one, count: count))
                == JSONText.packed(UnsafeRawBufferPointer(start: other, count: count))
        }
        var offset = 0
        while offset &+ 8 < count {
            guard word(one, offset) == word(other, offset) else { return false }
            offset &+= 8
        }
        // The last word overlaps the one before it.
        return word(one, count &- 8) == word(other, count &- 8)
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
