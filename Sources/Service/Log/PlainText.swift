internal import Bytes

/// Text from outside made fit for one line of a log or a terminal.
enum PlainText {
    /// Appends `text` with everything that could move a cursor, end a line or hide itself written as an escape.
    ///
    /// The escapes are JSON's. Between quotes, quotes and backslashes are escaped too: the whole is a JSON string.
    ///
    /// - Parameter limit: the bytes of UTF-8 of `text` that are kept; where there are more, `…` follows.
    static func append(_ text: String, limit: Int, isQuoted: Bool, to buffer: inout ByteBuffer) {
        if isQuoted { buffer.append(UInt8(ascii: "\"")) }
        var taken = 0
        for scalar in text.unicodeScalars {
            taken += UTF8.width(scalar)
            guard taken <= limit else {
                buffer.append("…")
                break
            }
            append(scalar, isQuoted: isQuoted, to: &buffer)
        }
        if isQuoted { buffer.append(UInt8(ascii: "\"")) }
    }

    /// `text` fit for one line, at most `limit` bytes of it.
    static func line(_ text: String, limit: Int = 256) -> String {
        var buffer = ByteBuffer()
        append(text, limit: limit, isQuoted: false, to: &buffer)
        return buffer.text
    }

    /// Whether `text` stands for itself behind `key=`, without quotes.
    static func isBare(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar != "\"" && scalar != "=" && scalar != "\\" && isVisible(scalar)
            }
    }

    private static func append(_ scalar: Unicode.Scalar, isQuoted: Bool, to buffer: inout ByteBuffer) {
        switch scalar {
        case "\n": buffer.append("\\n")
        case "\r": buffer.append("\\r")
        case "\t": buffer.append("\\t")
        case "\"" where isQuoted: buffer.append("\\\"")
        case "\\" where isQuoted: buffer.append("\\\\")
        default:
            if isVisible(scalar) {
                buffer.append(String(scalar))
            } else {
                for unit in String(scalar).utf16 {
                    buffer.append("\\u")
                    let digits = String(unit, radix: 16)
                    buffer.append(String(repeating: "0", count: 4 - digits.count) + digits)
                }
            }
        }
    }

    /// Neither a control character (C0, C1, DEL), nor one that only steers: bidi marks, joiners, line separators, tags.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }
}
