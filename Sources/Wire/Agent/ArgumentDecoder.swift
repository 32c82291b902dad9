import Bytes
import Grid

/// Reads a task's `arguments`: an object whose values are texts, whole numbers and booleans.
enum ArgumentDecoder {
    /// Ascending by name, each once; none for `null`.
    static func decode(_ reader: inout MessageReader) throws(WireError) -> [TaskArgument] {
        var arguments: [TaskArgument] = []
        guard try reader.beginObject("arguments") else { return arguments }
        while let key = try reader.nextKey() {
            guard arguments.count < Limits.taskArguments else {
                throw reader.fault("arguments", "more than \(Limits.taskArguments)")
            }
            guard let name = name(key) else {
                throw reader.fault(
                    "arguments", "a name has 1 to \(Limits.argumentNameBytes) of a to z, digits and _")
            }
            arguments.append(TaskArgument(name: name, value: try value(of: name, &reader)))
        }
        arguments.sort { $0.name < $1.name }
        for (one, next) in zip(arguments, arguments.dropFirst()) where one.name == next.name {
            throw WireError(.invalidMessage, field: "arguments.\(one.name)", "stands twice")
        }
        return arguments
    }

    private static func name(_ key: JSONText) -> String? {
        guard key.raw.count <= Limits.argumentNameBytes * 6 else { return nil }
        let name = key.string
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isPlain && (1...Limits.argumentNameBytes).contains(name.utf8.count) ? name : nil
    }

    private static func value(
        of name: String, _ reader: inout MessageReader
    ) throws(WireError) -> ArgumentValue {
        do throws(WireError) {
            switch try reader.kind() {
            case .string:
                let text = try reader.required(reader.text("", limit: Limits.argumentTextBytes), "")
                guard !text.utf8.contains(0) else { throw reader.fault("", "contains NUL") }
                return .text(text)
            case .number:
                return .integer(try reader.required(reader.whole("", in: Int64.min...Int64.max), ""))
            case .bool:
                return .boolean(try reader.required(reader.bool(""), ""))
            case .object, .array, .null:
                throw reader.fault("", "expected a string, a whole number, true or false")
            }
        } catch {
            // What is no JSON at all has no field; all else is this argument's fault.
            guard !error.refusal.message.hasPrefix("not valid JSON") else { throw error }
            throw WireError(.invalidMessage, field: "arguments.\(name)", error.refusal.message)
        }
    }
}
