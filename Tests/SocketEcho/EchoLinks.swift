internal import Bytes
internal import Fanout
internal import Reactor
internal import Web
internal import Wire

/// Answers each message of Engine.IO with itself.
final class EngineEchoLink: EngineLink {
    override func message(_ message: EngineIOMessage) {
        switch message {
        case .text(let text): send(text, UnsafeRawBufferPointer(start: nil, count: 0))
        case .binary(let bytes): send(binary: bytes)
        }
    }
}

/// What the public Socket.IO suite asks of a server: it is told what it said of itself (`auth`), `message` comes back
/// as `message-back`, and `message-with-ack` is acknowledged with its own arguments.
final class SocketEchoLink: SocketLink {
    static let served = ["/", "/custom"]

    override func wantsIn(_ namespace: Int, auth: UnsafeRawBufferPointer) {
        accept(namespace, sid: "\(sid.suffix(12))-\(namespace)")
        emit("auth", in: namespace) { writer in
            if auth.isEmpty {
                writer.beginObject()
                writer.endObject()
            } else {
                writer.raw(bytes: auth)
            }
        }
    }

    override func event(_ packet: SocketIOPacket, in namespace: Int) {
        guard let name = packet.event else { return }
        if name == "message" {
            emit("message-back", in: namespace, attachments: packet.attachments) { writer in
                packet.forEachArgument { writer.raw(bytes: $0) }
            }
        } else if name == "message-with-ack", let id = packet.id {
            acknowledge(id, in: namespace, attachments: packet.attachments) { writer in
                packet.forEachArgument { writer.raw(bytes: $0) }
            }
        }
    }
}
