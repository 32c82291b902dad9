/// A value that must not be seen: printed, interpolated, dumped or logged it reads `[redacted]`.
public struct Secret<Value> {
    /// The value itself; the name is meant to stand out where it is read.
    public let exposed: Value

    /// Wraps `value`.
    public init(_ value: Value) {
        exposed = value
    }
}

extension Secret: Sendable where Value: Sendable {}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "[redacted]" }
    public var debugDescription: String { "[redacted]" }
    /// Nothing, so that `dump` cannot walk into the value.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
