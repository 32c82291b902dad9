import Bytes
import Testing

@testable import Wire

/// What goes through an Engine.IO session as one message.
enum SocketIOFrame: Equatable, ExpressibleByStringLiteral {
    case text(String)
    case binary([UInt8])

    init(stringLiteral text: String) { self = .text(text) }
}

/// A server that serves `/` and `/custom` as the public suite wants them: it emits `auth` to whoever connects, sends
/// `message` back as `message-back`, and acknowledges `message-with-ack` with its arguments.
final class SocketIOServer {
    private var receiver = SocketIOReceiver()
    private var session = SocketIOSession(namespaces: ["/", "/custom"])
    private var namespacesSeen = 0

    /// Why the session was closed.
    private(set) var error: SocketIOError?
    private(set) var violation: SocketIOViolation?
    private(set) var sent: [SocketIOFrame] = []

    var isClosed: Bool { error != nil || violation != nil }

    /// What was sent since the last call.
    func received() -> [SocketIOFrame] {
        defer { sent.removeAll() }
        return sent
    }

    /// A client sends a message, as it stands in a frame of Engine.IO: texts with their `4`.
    func send(_ frame: SocketIOFrame) {
        guard !isClosed else { return }
        do throws(SocketIOError) {
            switch frame {
            case .text(let text):
                #expect(text.hasPrefix("4"))
                try Array(text.utf8.dropFirst()).withExact { bytes throws(SocketIOError) in
                    if let packet = try receiver.receive(text: bytes) { handle(packet) }
                }
            case .binary(let bytes):
                try bytes.withExact { bytes throws(SocketIOError) in
                    if let packet = try receiver.receive(binary: bytes) { handle(packet) }
                }
            }
        } catch {
            self.error = error
        }
    }

    /// The time in which a client has to be in a namespace is over.
    func connectTimeout() { if session.isOutside { violation = .notConnected } }

    private func handle(_ packet: SocketIOPacket) {
        var answer = ByteBuffer()
        let step = session.receive(packet, into: &answer)
        emit(answer)
        switch step {
        case .connect(let namespace, let auth):
            namespacesSeen += 1
            let auth = auth.isEmpty ? [UInt8]("{}".utf8) : [UInt8](auth)
            write { session.accept(namespace, sid: "sid-\(namespacesSeen)", into: &$0) }
            write { buffer in
                SocketIOEncoder.event("auth", in: session.namespaces[namespace], into: &buffer) { writer in
                    auth.withUnsafeBytes { writer.raw(bytes: $0) }
                }
            }
        case .event(let namespace, let packet): echo(packet, in: session.namespaces[namespace])
        case .refused, .ack, .disconnect: break
        case .close(let violation): self.violation = violation
        }
    }

    private func echo(_ packet: SocketIOPacket, in namespace: String) {
        let count = packet.attachments.count
        if packet.event?.equals("message") == true {
            write { buffer in
                SocketIOEncoder.event("message-back", in: namespace, attachments: count, into: &buffer) { writer in
                    if !packet.arguments.isEmpty { writer.raw(bytes: packet.arguments) }
                }
            }
        } else if packet.event?.equals("message-with-ack") == true, let id = packet.id {
            write { buffer in
                SocketIOEncoder.ack(id, in: namespace, attachments: count, into: &buffer) { writer in
                    if !packet.arguments.isEmpty { writer.raw(bytes: packet.arguments) }
                }
            }
        }
        for attachment in packet.attachments { sent.append(.binary([UInt8](attachment))) }
    }

    private func write(_ body: (inout ByteBuffer) -> Void) {
        var buffer = ByteBuffer()
        body(&buffer)
        emit(buffer)
    }

    private func emit(_ text: ByteBuffer) {
        if !text.isEmpty { sent.append(.text("4" + text.text)) }
    }
}

extension [UInt8] {
    /// Lends the bytes in a block of just their size, scribbled over afterwards: whoever keeps a pointer is caught.
    func withExact<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        block.copyBytes(from: self)
        defer {
            _ = block.initializeMemory(as: UInt8.self, repeating: 0xAA)
            block.deallocate()
        }
        return try body(UnsafeRawBufferPointer(block))
    }
}
