public import Grid

/// A message that the protocol does not know or allow: what to answer, and which field is at fault.
public struct WireError: Error, Hashable, Sendable {
    /// The answer for the sender; its message begins with ``field`` where one is at fault.
    public var refusal: Refusal
    /// The path of the field at fault, as `host.cpu_percent`; empty where the whole message is.
    public var field: String

    public init(_ code: Refusal.Code, field: String = "", _ message: String) {
        refusal = Refusal(code, field.isEmpty ? message : "\(field): \(message)")
        self.field = field
    }
}
