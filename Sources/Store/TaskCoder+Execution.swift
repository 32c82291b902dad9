import Bytes
import Grid

/// What an outside party told of an external task; in tasks and in events.
extension TaskCoder {
    /// Writes its fields as members.
    static func write(_ execution: TaskExecution, to writer: inout JSONWriter) {
        for field in execution.fields {
            writer.key(field.key.rawValue)
            switch field.value {
            case .integer(let value), .micros(let value): writer.int(value)
            case .time(let time): writer.int(time.milliseconds)
            case .text(let text): writer.string(text)
            case .truth(let truth): writer.bool(truth)
            case .integers(let values):
                writer.beginArray()
                for value in values { writer.int(value) }
                writer.endArray()
            }
        }
    }

    /// Reads what ``write(_:to:)`` wrote. A field that this version does not know is passed over, as in all bodies.
    static func execution(_ reader: inout JSONReader) throws(JSONError) -> TaskExecution {
        var execution = TaskExecution()
        try reader.beginObject()
        while let name = try reader.nextKey() {
            guard let key = TaskExecution.Key(rawValue: name.string) else {
                try reader.skipValue()
                continue
            }
            execution[key] = try value(key.kind, &reader)
        }
        return execution
    }

    private static func value(
        _ kind: TaskExecution.Kind, _ reader: inout JSONReader
    ) throws(JSONError) -> TaskExecution.Value {
        switch kind {
        case .integer: .integer(try reader.readInt64())
        case .micros: .micros(try reader.readInt64())
        case .time: .time(Timestamp(milliseconds: try reader.readInt64()))
        case .text: .text(try reader.readString())
        case .truth: .truth(try reader.readBool())
        case .integers:
            .integers(try reader.readArray { (reader) throws(JSONError) in try reader.readInt64() })
        }
    }
}
