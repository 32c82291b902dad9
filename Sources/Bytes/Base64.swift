/// Base 64, RFC 4648 §4 and (URL-safe) §5.
public enum Base64 {
    private static let standardAlphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let urlAlphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// Appends the text of `bytes` to `target`, with `=` at the end where `padded`.
    public static func encode(
        _ bytes: UnsafeRawBufferPointer, into target: inout ByteBuffer, urlSafe: Bool = false, padded: Bool = true
    ) {
        let alphabet = (urlSafe ? urlAlphabet : standardAlphabet).utf8Start
        target.withSpare((bytes.count + 2) / 3 * 4) { room in
            var read = 0
            var write = 0
            while read < bytes.count {
                let taken = min(3, bytes.count - read)
                var group = UInt32(bytes[read]) << 16
                if taken > 1 { group |= UInt32(bytes[read + 1]) << 8 }
                if taken > 2 { group |= UInt32(bytes[read + 2]) }
                for place in 0...taken {
                    room[write] = alphabet[Int(group >> UInt32(18 - 6 * place)) & 0x3F]
                    write += 1
                }
                if padded {
                    for _ in taken..<3 {
                        room[write] = UInt8(ascii: "=")
                        write += 1
                    }
                }
                read += taken
            }
            return write
        }
    }

    /// The text of `bytes`, with `=` at the end where `padded`.
    public static func encode(_ bytes: [UInt8], urlSafe: Bool = false, padded: Bool = true) -> String {
        var buffer = ByteBuffer()
        bytes.withUnsafeBytes { encode($0, into: &buffer, urlSafe: urlSafe, padded: padded) }
        return buffer.text
    }

    /// The bytes that `text` spells, or `nil` if it is not exactly what an encoder writes.
    ///
    /// Strict: no character outside the alphabet, no whitespace, no bits set behind the last byte.
    /// `padded` says whether `=` must be there or must not; left out, the standard alphabet demands it
    /// and the URL-safe one (as in JWTs) forbids it.
    public static func decode(_ text: UnsafeRawBufferPointer, urlSafe: Bool = false, padded: Bool? = nil) -> [UInt8]? {
        var count = text.count
        if padded ?? !urlSafe {
            guard count.isMultiple(of: 4) else { return nil }
            if count > 0, text[count - 1] == UInt8(ascii: "=") { count -= text[count - 2] == UInt8(ascii: "=") ? 2 : 1 }
        }
        guard count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3 + 2)
        var group: UInt32 = 0
        for index in 0..<count {
            guard let value = value(of: text[index], urlSafe: urlSafe) else { return nil }
            group = group << 6 | value
            if index % 4 == 3 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        switch count % 4 {
        case 2:
            guard group & 0x0F == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            guard group & 0x03 == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        default:
            break
        }
        return bytes
    }

    /// The bytes that `text` spells, or `nil`; see ``decode(_:urlSafe:padded:)-(UnsafeRawBufferPointer,_,_)``.
    public static func decode(_ text: String, urlSafe: Bool = false, padded: Bool? = nil) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0), urlSafe: urlSafe, padded: padded) }
    }

    private static func value(of character: UInt8, urlSafe: Bool) -> UInt32? {
        switch character {
        case 0x41...0x5A: UInt32(character) - 0x41
        case 0x61...0x7A: UInt32(character) - 0x61 + 26
        case 0x30...0x39: UInt32(character) - 0x30 + 52
        case UInt8(ascii: "+"): urlSafe ? nil : 62
        case UInt8(ascii: "/"): urlSafe ? nil : 63
        case UInt8(ascii: "-"): urlSafe ? 62 : nil
        case UInt8(ascii: "_"): urlSafe ? 63 : nil
        default: nil
        }
    }
}
