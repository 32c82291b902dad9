public import Bytes

/// What stands in a payload where an attachment belongs: `{"_placeholder":true,"num":0}`.
public enum SocketIOPlaceholder {
    /// Writes the one for the attachment of that number, from 0.
    public static func write(_ number: Int, to writer: inout JSONWriter) {
        precondition(number >= 0, "attachments are counted from 0")
        writer.beginObject()
        writer.field("_placeholder", true)
        writer.field("num", number)
        writer.endObject()
    }

    /// The number of the attachment that a JSON value stands for; `nil` where it stands for itself.
    public static func number(_ value: UnsafeRawBufferPointer) -> Int? {
        var reader = JSONReader(value, maximumDepth: JSONReader.deepest)
        guard (try? reader.peek()) == .object, let found = try? object(&reader, attachments: nil) else { return nil }
        return found.isPlaceholder ? found.number : nil
    }

    /// Consumes a value in which every placeholder must name one of `attachments`.
    static func check(_ reader: inout JSONReader, attachments: Int) throws {
        switch try reader.peek() {
        case .object:
            let found = try object(&reader, attachments: attachments)
            guard found.isPlaceholder else { return }
            guard let number = found.number, number < attachments else { throw SocketIOError.invalidPlaceholder }
        case .array:
            try reader.beginArray()
            while try reader.nextElement() { try check(&reader, attachments: attachments) }
        case .string, .number, .bool, .null:
            try reader.skipValue()
        }
    }

    /// Consumes an object; with `attachments` what is nested in it is checked as well. Of keys that come twice the last
    /// one counts, as in JavaScript.
    private static func object(
        _ reader: inout JSONReader, attachments: Int?
    ) throws -> (isPlaceholder: Bool, number: Int?) {
        var isPlaceholder = false
        var number: Int?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let kind = try reader.peek()
            if key == "_placeholder" {
                isPlaceholder = kind == .bool ? try reader.readBool() : false
                if kind == .bool { continue }
            } else if key == "num" {
                number = kind == .number ? self.number(of: try reader.readRaw()) : nil
                if kind == .number { continue }
            }
            if let attachments { try check(&reader, attachments: attachments) } else { try reader.skipValue() }
        }
        return (isPlaceholder, number)
    }

    /// The value of at most three digits; `nil` for any other number.
    private static func number(of text: UnsafeRawBufferPointer) -> Int? {
        guard text.count <= 3, text.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
