/// What a log field may hold.
public enum LogValue: Sendable, Hashable {
    case text(String)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case bool(Bool)

    /// Any whole number; one of more than 64 bits as text.
    public init(_ value: some BinaryInteger) {
        if let value = Int64(exactly: value) {
            self = .integer(value)
        } else if let value = UInt64(exactly: value) {
            self = .unsigned(value)
        } else {
            self = .text("\(value)")
        }
    }

    /// Whatever `value` prints as; a ``Secret`` prints `[redacted]`.
    public init(_ value: some CustomStringConvertible) {
        self = .text(value.description)
    }

    /// A number.
    public init(_ value: Double) {
        self = .number(value)
    }

    /// A truth value.
    public init(_ value: Bool) {
        self = .bool(value)
    }

    /// A text.
    public init(_ value: String) {
        self = .text(value)
    }

    /// What an error prints as.
    public init(_ error: any Error) {
        self = .text("\(error)")
    }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
