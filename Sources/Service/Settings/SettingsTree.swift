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

    /// The number of keys of this object and of all objects directly inside it.
    var keyCount: Int {
        guard case .object(let members) = self else { return 0 }
        return members.values.reduce(members.count) { $0 + $1.keyCount }
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

    /// As it may stand in an error: passwords in URLs are left out.
    var summary: String {
        switch self {
        case .object: "{…}"
        case .array(let elements): "[" + elements.map(\.summary).joined(separator: ", ") + "]"
        case .text(let text): "\"\(redactingQueryTokens(text))\""
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let value): String(value)
        case .null: "null"
        }
    }
}
