import Bytes
import Grid

/// A task's input or output: one JSON value, which goes from hand to hand as it was written.
public enum TaskValue {
    /// Whether `json` is one JSON value that may be a task's output: of at most ``Limits/taskOutputBytes`` bytes and
    /// nested at most ``Limits/taskValueDepth`` deep, with nothing around it but whitespace.
    ///
    /// An agent asks before it reports: what is not, the coordinator would refuse with the whole result.
    public static func isOutput(_ json: String) -> Bool {
        var json = json
        return json.withUTF8 { bytes in
            guard bytes.count <= Limits.taskOutputBytes else { return false }
            var reader = JSONReader(UnsafeRawBufferPointer(bytes), maximumDepth: Limits.taskValueDepth)
            do {
                try reader.skipValue()
                try reader.finish()
                return true
            } catch {
                return false
            }
        }
    }
}

extension MessageReader {
    /// Any JSON value of at most `limit` bytes, verbatim; `nil` for `null`.
    mutating func value(_ name: StaticString, limit: Int) throws(WireError) -> String? {
        guard try kind() != .null else {
            try skip()
            return nil
        }
        let bytes = try raw()
        guard bytes.count <= limit else { throw fault(name, "longer than \(limit) bytes") }
        let text = String(decoding: bytes, as: UTF8.self)
        // Bytes that are no UTF-8 were replaced by more of them.
        guard text.utf8.count <= limit else { throw fault(name, "longer than \(limit) bytes") }
        return text
    }

    /// One of a closed set of names.
    mutating func choice<Value>(
        _ name: StaticString, _ expected: StaticString, _ find: (String) -> Value?
    ) throws(WireError) -> Value? {
        guard let text = try text(name, limit: Limits.readingTextBytes) else { return nil }
        guard let value = find(text) else { throw fault(name, "\(expected)") }
        return value
    }
}
