/// A value that an operator gave, checked against its ``ValueKind``.
public enum Value: Sendable, Hashable {
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    /// A length of time in nanoseconds.
    case duration(UInt64)
    case list([String])

    /// As an operator would write it on a command line; lists with commas.
    public var text: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let value): value
        case .duration(let nanoseconds): DurationText.text(nanoseconds: nanoseconds)
        case .list(let values): values.joined(separator: ",")
        }
    }
}
