public import Bytes
import Glibc

/// The answer to a poll in the making: packets with a record separator between two of them.
///
/// What a session had waiting comes first, so that its user may add what others share (``EngineIOSession/takePoll()``).
public struct EngineIOPayloadWriter {
    /// The body so far.
    public private(set) var body: ByteBuffer
    /// The packets in it.
    public private(set) var packetCount: Int
    private let packetLimit: Int
    private let byteLimit: Int

    /// A body that begins with `body`, which holds `packetCount` packets.
    init(_ body: ByteBuffer = ByteBuffer(), packetCount: Int = 0, packetLimit: Int, byteLimit: Int) {
        self.body = body
        self.packetCount = packetCount
        self.packetLimit = packetLimit
        self.byteLimit = byteLimit
    }

    /// Whether another packet may be added: there are clients that refuse payloads of more than 16.
    public var hasRoom: Bool { packetCount < packetLimit && body.count < byteLimit }

    /// Adds a text message, which `write` appends. It must not hold U+001E, and JSON does not.
    public mutating func appendMessage(_ write: (inout ByteBuffer) -> Void) {
        body.appendPacket(after: packetCount) { body in
            body.append(EngineIOPacketType.message.rawValue)
            write(&body)
        }
        packetCount += 1
    }

    /// Adds a text packet as it would stand in a WebSocket frame, type and all. It must not hold U+001E.
    public mutating func append(packet: UnsafeRawBufferPointer) {
        precondition(!packet.isEmpty, "a packet has a type")
        body.appendPacket(after: packetCount) { $0.append(packet) }
        packetCount += 1
    }

    /// Adds a binary message.
    public mutating func appendBinary(_ bytes: UnsafeRawBufferPointer) {
        body.appendBinaryPacket(bytes, after: packetCount)
        packetCount += 1
    }

    /// The whole body, which is never empty: a poll that has nothing to say is answered with `noop`.
    public consuming func finish() -> ByteBuffer {
        packetCount == 0 ? EngineIOPacket.encoded(.noop) : body
    }
}

extension ByteBuffer {
    /// Appends a text packet to a payload of `count` packets.
    mutating func appendPacket(after count: Int, _ write: (inout ByteBuffer) -> Void) {
        if count > 0 { append(EngineIOPayloadReader.separator) }
        let start = self.count
        write(&self)
        // Two packets where one was meant would be our own fault: whoever writes texts here writes JSON.
        precondition(separator(from: start) == nil, "a packet of a payload holds a record separator")
    }

    /// Appends a binary packet to a payload of `count` packets.
    mutating func appendBinaryPacket(_ bytes: UnsafeRawBufferPointer, after count: Int) {
        if count > 0 { append(EngineIOPayloadReader.separator) }
        append(EngineIOPacket.binaryPrefix)
        Base64.encode(bytes, into: &self)
    }

    /// The index of the first record separator from `start` on.
    func separator(from start: Int) -> Int? {
        withBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count else { return nil }
            guard let found = memchr(base + start, Int32(EngineIOPayloadReader.separator), bytes.count - start) else {
                return nil
            }
            return UnsafeRawPointer(found) - base
        }
    }
}
