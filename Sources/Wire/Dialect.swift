public import Bytes
public import Grid

/// The languages in which subscribers are told of events: the one place that lists them.
///
/// A further dialect is a folder beside `Native/` and a line in each switch here.
public enum Dialect: UInt8, Sendable, Hashable, CaseIterable {
    /// protocols/neurogrid.md and docs/protocol.md.
    case native
    /// protocols/qubix.md and docs/protocol-qubix.md.
    case qubix
    /// protocols/neurograph.md and docs/protocol-neurograph.md.
    case neurograph
    /// protocols/triggerx.md and docs/protocol-triggerx.md.
    case triggerx
    /// protocols/eyenet.md and docs/protocol-eyenet.md.
    case eyenet

    /// Sessions and views name their dialect in so many bits: by its raw value.
    public static let bitCount = 3

    /// The name in logs and metrics.
    public var name: StaticString {
        switch self {
        case .native: "native"
        case .qubix: "qubix"
        case .neurograph: "neurograph"
        case .triggerx: "triggerx"
        case .eyenet: "eyenet"
        }
    }

    /// Whether this dialect has a message for `event`.
    public func carries(_ event: RoomEvent) -> Bool {
        switch self {
        case .native: NativeCodec.carries(event)
        case .qubix: QubixCodec.carries(event)
        case .neurograph: NeuroGraphCodec.carries(event)
        case .triggerx: TriggerXCodec.carries(event)
        case .eyenet: EyeNetCodec.carries(event)
        }
    }

    /// Appends the message for `event`, one JSON text without a frame around it.
    ///
    /// - Returns: `false`, with nothing appended, where this dialect does not carry the event.
    public func encode(_ event: LoggedEvent, into buffer: inout ByteBuffer) -> Bool {
        guard carries(event.event) else { return false }
        switch self {
        case .native: NativeCodec.encode(event, into: &buffer)
        case .qubix: QubixCodec.encode(event, into: &buffer)
        case .neurograph: NeuroGraphCodec.encode(event, into: &buffer)
        case .triggerx: TriggerXCodec.encode(event, into: &buffer)
        case .eyenet: EyeNetCodec.encode(event, into: &buffer)
        }
        return true
    }
}
