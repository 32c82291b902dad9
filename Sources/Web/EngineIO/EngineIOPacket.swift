import Bytes

/// The seven kinds of Engine.IO packet; the raw value is the character that stands for it.
public enum EngineIOPacketType: UInt8, Sendable, CaseIterable {
    case open = 0x30
    case close = 0x31
    case ping = 0x32
    case pong = 0x33
    case message = 0x34
    case upgrade = 0x35
    case noop = 0x36
}

/// Why bytes are no Engine.IO packet. The session that they came in cannot be used any further.
public enum EngineIOError: Error, Hashable, Sendable, CaseIterable {
    /// A packet without a byte, or a payload without a packet.
    case emptyPacket
    /// A first character other than `0` to `6`, or `b` in a payload.
    case unknownPacketType
    /// A binary packet of a payload that is not base 64.
    case invalidBase64
    /// A text packet of a payload that is not UTF-8.
    case invalidText
}

/// A packet still in place: it points into the bytes that it was read from and lives as long as they do.
public struct EngineIOPacket {
    /// What it is; binary packets are always messages.
    public var type: EngineIOPacketType
    /// What stands behind the type: text, unless ``isBinary``.
    public var data: UnsafeRawBufferPointer
    /// Whether the data are bytes and no text.
    public var isBinary: Bool

    /// The character before a binary packet in a payload.
    static let binaryPrefix = UInt8(ascii: "b")
    /// What a client asks with, and is answered with, before it upgrades.
    static let probe: StaticString = "probe"

    /// The packet that a WebSocket text frame holds, which must be UTF-8.
    public init(text: UnsafeRawBufferPointer) throws(EngineIOError) {
        guard let first = text.first else { throw .emptyPacket }
        guard let type = EngineIOPacketType(rawValue: first) else { throw .unknownPacketType }
        self.type = type
        data = UnsafeRawBufferPointer(rebasing: text[1...])
        isBinary = false
    }

    /// The message that a WebSocket binary frame holds.
    public init(binary: UnsafeRawBufferPointer) {
        type = .message
        data = binary
        isBinary = true
    }

    /// What this packet has for the session's user, if it is a message.
    var message: EngineIOMessage? {
        guard type == .message else { return nil }
        return isBinary ? .binary(data) : .text(data)
    }

    /// Whether the data are just those of a probe.
    var isProbe: Bool {
        Self.probe.withUTF8Buffer { data.elementsEqual($0) }
    }

    /// A text packet without data, or with literal ones, as it stands in a frame and in a payload.
    static func encoded(_ type: EngineIOPacketType, _ data: StaticString = "") -> ByteBuffer {
        var buffer = ByteBuffer(capacity: 1 + data.utf8CodeUnitCount)
        buffer.append(type.rawValue)
        buffer.append(data)
        return buffer
    }
}

/// What a client sent. The bytes lie in what was handed in: use them before that goes.
public enum EngineIOMessage {
    /// A text, valid UTF-8.
    case text(UnsafeRawBufferPointer)
    /// Bytes.
    case binary(UnsafeRawBufferPointer)
}
