/// A 128-bit universally unique identifier as two machine words.
///
/// `Grid` has no source of entropy: values come from the agent's or coordinator's random generator,
/// or are drawn by the Hub from the seed that each event carries.
public struct UUID128: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first eight bytes, most significant first.
    public var high: UInt64
    /// The last eight bytes, most significant first.
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version-4, variant-1 identifier (RFC 9562 §5.4) made of 122 of the given bits.
    public init(randomHigh: UInt64, randomLow: UInt64) {
        high = (randomHigh & 0xFFFF_FFFF_FFFF_0FFF) | 0x0000_0000_0000_4000
        low = (randomLow & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    }

    /// Parses the canonical 36-character form, in either case; `nil` for anything else.
    public init?(utf8 text: UnsafeRawBufferPointer) {
        guard text.count == Self.textLength else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var nibbles = 0
        for index in 0..<Self.textLength {
            let byte = text[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = Self.nibble(byte) else { return nil }
            if nibbles < 16 { words.0 = words.0 << 4 | value } else { words.1 = words.1 << 4 | value }
            nibbles += 1
        }
        high = words.0
        low = words.1
    }

    /// Parses the canonical 36-character form; `nil` for anything else.
    public init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ UUID128(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = parsed
    }

    /// The length of the canonical text form in bytes.
    public static let textLength = 36

    /// Writes the canonical lower-case form, exactly ``textLength`` bytes, to `target`.
    public func write(to target: UnsafeMutablePointer<UInt8>) {
        var position = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                target[position] = UInt8(ascii: "-")
                position += 1
            }
            let word = index < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(index % 16))) & 0x0F
            target[position] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
            position += 1
        }
    }

    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            write(to: buffer.baseAddress!)
            return Self.textLength
        }
    }

    public static func < (left: UUID128, right: UUID128) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func nibble(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x61...0x66: UInt64(byte - 0x57)
        case 0x41...0x46: UInt64(byte - 0x37)
        default: nil
        }
    }
}
