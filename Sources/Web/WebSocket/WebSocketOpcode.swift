/// What a frame is (RFC 6455 §5.2).
public enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether frames of this kind may come between the fragments of a message, and are themselves never fragmented.
    public var isControl: Bool { rawValue & 0x8 != 0 }
}

/// Which end of a connection a machine is. Frames from clients are masked, frames from servers are not.
public enum WebSocketRole: UInt8, Sendable {
    case server
    case client
}
