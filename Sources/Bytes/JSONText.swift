#if canImport(Glibc)
    internal import Glibc
#endif

/// A JSON string still in place: the validated bytes between its quotes.
///
/// It points into the bytes that the reader was made of and is valid only as long as they are.
@frozen
public struct JSONText {
    /// The bytes between the quotes, escapes and all; valid UTF-8.
    public var raw: UnsafeRawBufferPointer
    /// Whether ``raw`` holds a backslash, so that the text differs from its bytes.
    public var hasEscapes: Bool

    /// A text of `raw` bytes that a reader has validated.
    @inlinable
    init(raw: UnsafeRawBufferPointer, hasEscapes: Bool) {
        self.raw = raw
        self.hasEscapes = hasEscapes
    }

    /// Whether the decoded text is exactly `other`.
    @inlinable
    public func equals(_ other: StaticString) -> Bool {
        guard !hasEscapes else { return equalsDecoded(other) }
        guard raw.count == other.utf8CodeUnitCount else { return false }
        return other.withUTF8Buffer { Self.same(raw, UnsafeRawBufferPointer($0)) }
    }

    /// Whether the decoded text is exactly `right`.
    @inlinable
    public static func == (left: JSONText, right: StaticString) -> Bool { left.equals(right) }

    /// Whether the decoded text differs from `right`.
    @inlinable
    public static func != (left: JSONText, right: StaticString) -> Bool { !left.equals(right) }

    /// Lets a `switch` over a text name literals.
    @inlinable
    public static func ~= (pattern: StaticString, text: JSONText) -> Bool { text.equals(pattern) }

    /// The first eight raw bytes, the first in the lowest place, zeros behind the text's end.
    ///
    /// With ``raw``'s count it tells short keys apart in one comparison, see ``packed(_:)``.
    /// Only meaningful where ``hasEscapes`` is false.
    @inlinable
    public var packedPrefix: UInt64 { Self.packed(raw) }

    /// What ``packedPrefix`` is for a text of these bytes.
    @inlinable
    public static func packed(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        let count = bytes.count
        if count >= 8 { return UInt64(littleEndian: base.loadUnaligned(as: UInt64.self)) }
        if count >= 4 {
            // Two overlapping words cover 4 to 7 bytes.
            let low = UInt64(UInt32(littleEndian: base.loadUnaligned(as: UInt32.self)))
            let last = base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            return low | UInt64(UInt32(littleEndian: last)) &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4))
        }
        var word: UInt64 = 0
        var index = 0
        while index < count {
            word |= UInt64(base.load(fromByteOffset: index, as: UInt8.self)) &<< UInt64(truncatingIfNeeded: 8 &* index)
            index &+= 1
        }
        return word
    }

    /// What ``packedPrefix`` is for a literal.
    @inlinable
    public static func packed(_ text: StaticString) -> UInt64 {
        text.withUTF8Buffer { packed(UnsafeRawBufferPointer($0)) }
    }

    /// The decoded text. Allocates; for cold paths.
    public var string: String {
        withDecoded { String(decoding: $0, as: UTF8.self) }
    }

    /// Lends the decoded UTF-8 bytes, without a copy where there is no escape; valid during the call only.
    @inlinable
    public func withDecoded<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        guard hasEscapes else { return try body(raw) }
        // Decoding never lengthens: the shortest escape of n bytes of UTF-8 is longer than n.
        return try withUnsafeTemporaryAllocation(byteCount: raw.count, alignment: 1) { scratch in
            let count = JSONEscapes.decode(raw, into: scratch)
            return try body(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        }
    }

    @usableFromInline
    @inline(never)
    func equalsDecoded(_ other: StaticString) -> Bool {
        withDecoded { decoded in
            other.withUTF8Buffer { Self.same(decoded, UnsafeRawBufferPointer($0)) }
        }
    }

    @usableFromInline
    static func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let one = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(one, other, left.count) == 0
    }
}

/// The escapes of JSON strings, RFC 8259 §7.
@usableFromInline
enum JSONEscapes {
    /// The number of bytes of the escape at `index`, where a backslash stands; 0 if it is invalid or cut off.
    ///
    /// Half a surrogate pair is invalid: the text it stands for has no UTF-8.
    static func length(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ count: Int) -> Int {
        guard index &+ 1 < count else { return 0 }
        switch bytes[index &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(bytes, index, count) else { return 0 }
            if unit & 0xF800 != 0xD800 { return 6 }
            guard unit < 0xDC00, let low = codeUnit(bytes, index &+ 6, count), low & 0xFC00 == 0xDC00 else { return 0 }
            return 12
        default:
            return 0
        }
    }

    /// Writes the decoded text to `target`, which holds at least as many bytes, and returns its length.
    @usableFromInline
    static func decode(_ raw: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int {
        guard let source = raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        var read = 0
        var write = 0
        while read < raw.count {
            let byte = source[read]
            let length = byte == UInt8(ascii: "\\") ? Self.length(source, read, raw.count) : 0
            if length < 2 {
                target[write] = byte
                read &+= 1
                write &+= 1
            } else if length == 2 {
                target[write] = single(source[read &+ 1])
                read &+= 2
                write &+= 1
            } else {
                write &+= decodeUnits(source, read, raw.count, into: target, at: write)
                read &+= length
            }
        }
        return write
    }

    /// The byte that a two-byte escape stands for.
    private static func single(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    /// Writes the scalar of the valid `\u` escape (or pair) at `index` as UTF-8; returns the bytes written.
    private static func decodeUnits(
        _ source: UnsafePointer<UInt8>, _ index: Int, _ count: Int,
        into target: UnsafeMutableRawBufferPointer, at write: Int
    ) -> Int {
        var value = codeUnit(source, index, count) ?? 0xFFFD
        if value & 0xFC00 == 0xD800, let low = codeUnit(source, index &+ 6, count) {
            value = 0x10000 &+ (value & 0x3FF) &<< 10 &+ (low & 0x3FF)
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        var length = 0
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            target[write &+ length] = byte
            length &+= 1
        }
        return length
    }

    /// The sixteen bits of the `\uXXXX` at `index`; `nil` if there is none.
    private static func codeUnit(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ count: Int) -> UInt32? {
        guard count &- index >= 6, bytes[index] == UInt8(ascii: "\\"), bytes[index &+ 1] == UInt8(ascii: "u") else {
            return nil
        }
        var value: UInt32 = 0
        for position in (index &+ 2)..<(index &+ 6) {
            guard let nibble = Hexadecimal.nibble(bytes[position]) else { return nil }
            value = value &<< 4 | UInt32(nibble)
        }
        return value
    }
}
