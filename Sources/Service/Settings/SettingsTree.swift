/// Any value of a JSON5 file.
indirect enum SettingsTree: Equatable, Sendable {
    case object([String: SettingsTree])
    case array([SettingsTree])
    case text(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null

    /// The value at `path`; `nil` if there is none.
    func value(at path: [String]) -> SettingsTree? {
        var tree = self
        for name in path {
            guard case .object(let members) = tree, let next = members[name] else { return nil }
            tree = next
        }
        return tree
    }

    /// As a value to check against a kind; `nil` for what no setting can hold.
    var value: Value? {
        switch self {
        case .text(let text): return .text(text)
        case .integer(let number): return .integer(number)
        case .number(let number): return .number(number)
        case .bool(let value): return .bool(value)
        case .array(let elements):
            var texts: [String] = []
            for element in elements {
                guard case .text(let text) = element else { return nil }
                texts.append(text)
            }
            return .list(texts)
        case .object, .null: return nil
        }
    }

    /// As it may stand in an error.
    var summary: String {
        switch self {
        case .object: "{…}"
        case .array(let elements): "[" + elements.map(\.summary).joined(separator: ", ") + "]"
        case .text(let text): "\"\(text)\""
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let value): String(value)
        case .null: "null"
        }
    }
}
