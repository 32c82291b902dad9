public import Bytes

/// Puts what is encrypted in the place of sensitive fields (EVENTS 33).
///
/// Events are encoded once for all clients; of one that has sensitive fields, a client that brought a key gets a copy
/// with these values replaced.
public enum EyeNetSealing {
    /// The events that have sensitive fields.
    private static let events: [StaticString] = ["alert:new", "alert:update", "ml:prediction"]
    /// The members of `data` that are sensitive, whatever the event.
    private static let fields: [StaticString] = ["message", "updatedBy", "results"]

    /// Whether an event, as ``EyeNetCodec/encode(_:into:)`` wrote it, has sensitive fields.
    public static func concerns(_ event: UnsafeRawBufferPointer) -> Bool {
        events.contains { name in
            // Behind the bracket and the quote, with the quote that ends it.
            let count = name.utf8CodeUnitCount
            guard event.count > count + 2, event[count + 2] == UInt8(ascii: "\"") else { return false }
            return name.withUTF8Buffer { event[2..<(count + 2)].elementsEqual($0) }
        }
    }

    /// Appends the event with each sensitive value replaced by what `seal` writes for it, one JSON value. `null` stays.
    public static func seal(
        _ event: UnsafeRawBufferPointer, into buffer: inout ByteBuffer,
        _ seal: (_ value: UnsafeRawBufferPointer, _ writer: inout JSONWriter) -> Void
    ) {
        do throws(JSONError) {
            var reader = JSONReader(event, maximumDepth: JSONReader.deepest)
            var spans: [(value: UnsafeRawBufferPointer, start: Int)] = []
            try reader.beginArray()
            _ = try reader.nextElement()
            try reader.skipValue()
            _ = try reader.nextElement()
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard key == "data" else {
                    try reader.skipValue()
                    continue
                }
                try reader.beginObject()
                while let member = try reader.nextKey() {
                    let isSensitive = fields.contains { member == $0 }
                    guard isSensitive, try reader.peek() != .null else {
                        try reader.skipValue()
                        continue
                    }
                    let value = try reader.readRaw()
                    spans.append((value, reader.offset - value.count))
                }
            }
            append(event, replacing: spans, into: &buffer, seal)
        } catch {
            preconditionFailure("an event that we encoded is not JSON")
        }
    }

    private static func append(
        _ event: UnsafeRawBufferPointer, replacing spans: [(value: UnsafeRawBufferPointer, start: Int)],
        into buffer: inout ByteBuffer, _ seal: (UnsafeRawBufferPointer, inout JSONWriter) -> Void
    ) {
        var from = 0
        for span in spans {
            buffer.append(UnsafeRawBufferPointer(rebasing: event[from..<span.start]))
            buffer.appendJSON { seal(span.value, &$0) }
            from = span.start + span.value.count
        }
        buffer.append(UnsafeRawBufferPointer(rebasing: event[from...]))
    }
}
