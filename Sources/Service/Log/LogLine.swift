internal import Bytes

/// One event to be logged, and its forms.
struct LogLine {
    /// Bytes of one message and of one value that are kept.
    static let messageBytes = 2048
    static let valueBytes = 1024
    /// Length from which on a line takes no further field.
    static let fullBytes = 8192

    let level: LogLevel
    /// Milliseconds since 1970, UTC.
    let wallMilliseconds: Int64
    let message: String
    let fields: KeyValuePairs<StaticString, LogValue>

    /// The text form with its newline.
    func appendText(to buffer: inout ByteBuffer) {
        Timestamp.append(milliseconds: wallMilliseconds, to: &buffer)
        switch level {
        case .error: buffer.append(" ERROR ")
        case .warn: buffer.append(" WARN ")
        case .info: buffer.append(" INFO ")
        case .debug: buffer.append(" DEBUG ")
        }
        appendMessageAndFields(to: &buffer)
        buffer.append(UInt8(ascii: "\n"))
    }

    /// `message key=value key="a value"`.
    func appendMessageAndFields(to buffer: inout ByteBuffer) {
        let start = buffer.count
        PlainText.append(message, limit: Self.messageBytes, isQuoted: false, to: &buffer)
        for (key, value) in fields {
            guard buffer.count - start < Self.fullBytes else {
                buffer.append(" …")
                return
            }
            buffer.append(UInt8(ascii: " "))
            buffer.append(key)
            buffer.append(UInt8(ascii: "="))
            switch value {
            case .text(let text):
                PlainText.append(text, limit: Self.valueBytes, isQuoted: !PlainText.isBare(text), to: &buffer)
            case .integer(let number): buffer.append(decimal: number)
            case .unsigned(let number): buffer.append(decimal: number)
            case .number(let number): buffer.append(number.description)
            case .bool(let value): buffer.append(value ? "true" : "false")
            }
        }
    }

    /// The JSON form with its newline: `time`, `level`, `message`, then the fields.
    func appendJSON(to buffer: inout ByteBuffer) {
        var writer = JSONWriter(buffer)
        // The writer's value is now the only one, so that it grows in place.
        buffer = ByteBuffer()
        let start = writer.buffer.count
        var scratch = ByteBuffer()
        writer.beginObject()
        writer.key("time")
        scratch.append(UInt8(ascii: "\""))
        Timestamp.append(milliseconds: wallMilliseconds, to: &scratch)
        scratch.append(UInt8(ascii: "\""))
        scratch.withBytes { writer.raw(bytes: $0) }
        writer.field("level", level.name)
        writer.key("message")
        Self.write(message, limit: Self.messageBytes, to: &writer, &scratch)
        for (key, value) in fields {
            guard writer.buffer.count - start < Self.fullBytes else {
                writer.field("truncated", true)
                break
            }
            writer.key(key)
            switch value {
            case .text(let text): Self.write(text, limit: Self.valueBytes, to: &writer, &scratch)
            case .integer(let number): writer.int(number)
            case .unsigned(let number): writer.int(number)
            case .number(let number): writer.double(number)
            case .bool(let value): writer.bool(value)
            }
        }
        writer.endObject()
        writer.buffer.append(UInt8(ascii: "\n"))
        buffer = writer.buffer
    }

    /// Writes a text as a JSON string, escaping also what is harmless to JSON but not to a terminal.
    private static func write(_ text: String, limit: Int, to writer: inout JSONWriter, _ scratch: inout ByteBuffer) {
        scratch.removeAll(keepingCapacity: true)
        PlainText.append(text, limit: limit, isQuoted: true, to: &scratch)
        scratch.withBytes { writer.raw(bytes: $0) }
    }

    /// The journal's fields, each `NAME=value` in bytes.
    ///
    /// The message carries the fields too, since that is all that `journalctl` shows by default.
    func journalFields(program: String) -> [[UInt8]] {
        var message = ByteBuffer()
        message.append("MESSAGE=")
        appendMessageAndFields(to: &message)
        var entries = [
            message.bytes, Array("PRIORITY=\(level.priority)".utf8), Array("SYSLOG_IDENTIFIER=\(program)".utf8),
        ]
        for (key, value) in fields.prefix(64) {
            var field = ByteBuffer()
            // A prefix keeps clear of the fields that the journal gives a meaning of its own.
            field.append("NEUROGRID_")
            field.append(Self.journalName(key))
            field.append(UInt8(ascii: "="))
            switch value {
            case .text(let text): PlainText.append(text, limit: Self.valueBytes, isQuoted: false, to: &field)
            case .integer(let number): field.append(decimal: number)
            case .unsigned(let number): field.append(decimal: number)
            case .number(let number): field.append(number.description)
            case .bool(let value): field.append(value ? "true" : "false")
            }
            entries.append(field.bytes)
        }
        return entries
    }

    /// The journal takes capitals, digits and `_` only, and at most 64 of them.
    private static func journalName(_ key: StaticString) -> String {
        let plain = key.description.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return String(plain.prefix(50))
    }
}
