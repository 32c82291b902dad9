/// The kinds of Socket.IO packet (protocol version 5); the raw value is the character that stands for it.
public enum SocketIOPacketType: UInt8, Sendable, CaseIterable {
    case connect = 0x30
    case disconnect = 0x31
    case event = 0x32
    case ack = 0x33
    case connectError = 0x34
    /// An event of which attachments follow.
    case binaryEvent = 0x35
    /// An acknowledgement of which attachments follow.
    case binaryAck = 0x36

    /// Whether the number of attachments stands behind the type.
    var isBinary: Bool { self == .binaryEvent || self == .binaryAck }
}

/// Event names that mean something to the libraries on either end and that no packet may carry.
enum SocketIOReservedEvent {
    static let names: [StaticString] = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]
}
