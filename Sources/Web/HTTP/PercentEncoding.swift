import Bytes

/// Percent-decoding of paths and queries (RFC 3986 §2.1).
public enum PercentEncoding {
    /// The decoded text: `nil` for a bad escape, a control character, or bytes that are no UTF-8.
    ///
    /// With `plusIsSpace`, as in queries, a plus sign stands for a blank.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        decode(text.utf8, plusIsSpace: plusIsSpace)
    }

    static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var index = text.startIndex
        while index != text.endIndex {
            var byte = text[index]
            text.formIndex(after: &index)
            if byte == UInt8(ascii: "%") {
                guard let high = digit(text, &index), let low = digit(text, &index) else { return nil }
                byte = high << 4 | low
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = HTTPCharacters.space
            }
            guard byte >= 0x20, byte != 0x7F else { return nil }
            decoded.append(byte)
        }
        guard decoded.withUnsafeBytes({ UTF8Validator.isValid($0) }) else { return nil }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit<Text: Collection<UInt8>>(_ text: Text, _ index: inout Text.Index) -> UInt8? {
        guard index != text.endIndex else { return nil }
        defer { text.formIndex(after: &index) }
        return HTTPCharacters.hexadecimal(text[index])
    }
}
