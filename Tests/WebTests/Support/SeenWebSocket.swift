import Bytes

@testable import Web

/// What a receiver answered, in a form that can be compared and kept.
enum SeenWebSocket: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, [UInt8])
    case failed(UInt16)

    init(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes): self = .text([UInt8](bytes))
        case .binary(let bytes): self = .binary([UInt8](bytes))
        case .ping(let bytes): self = .ping([UInt8](bytes))
        case .pong(let bytes): self = .pong([UInt8](bytes))
        case .close(let code, let reason): self = .close(code, [UInt8](reason))
        }
    }

    static func text(_ text: String) -> SeenWebSocket { .text([UInt8](text)) }

    /// What a receiver makes of `feeding`.
    static func events(
        _ feeding: Feeding, role: WebSocketRole = .server, maximumMessageBytes: Int = 1 << 20,
        maximumFragments: Int = 1024, inflater: WebSocketInflater? = nil
    ) -> [SeenWebSocket] {
        var receiver = WebSocketReceiver(
            role: role, maximumMessageBytes: maximumMessageBytes, maximumFragments: maximumFragments)
        receiver.inflater = inflater
        return events(feeding, &receiver)
    }

    /// What `receiver` makes of `feeding`.
    static func events(_ feeding: Feeding, _ receiver: inout WebSocketReceiver) -> [SeenWebSocket] {
        var seen: [SeenWebSocket] = []
        feeding.forEach { cursor in
            do throws(WebSocketError) {
                while let event = try receiver.next(&cursor) { seen.append(SeenWebSocket(event)) }
            } catch {
                seen.append(.failed(error.closeCode))
            }
        }
        return seen
    }
}

/// A frame as a test wants it, right or wrong: nothing is checked and nothing is derived but the length.
struct RawFrame {
    var opcode: UInt8
    var fin = true
    var rsv: UInt8 = 0
    var payload: [UInt8] = []

    init(_ opcode: UInt8, fin: Bool = true, rsv: UInt8 = 0, _ payload: [UInt8] = []) {
        self.opcode = opcode
        self.fin = fin
        self.rsv = rsv
        self.payload = payload
    }

    init(_ opcode: UInt8, fin: Bool = true, rsv: UInt8 = 0, _ payload: String) {
        self.init(opcode, fin: fin, rsv: rsv, [UInt8](payload))
    }

    static func text(_ payload: String, fin: Bool = true) -> RawFrame { RawFrame(1, fin: fin, payload) }
    static func more(_ payload: String, fin: Bool) -> RawFrame { RawFrame(0, fin: fin, payload) }
    static func ping(_ payload: String) -> RawFrame { RawFrame(9, payload) }
    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> RawFrame {
        RawFrame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    /// The bytes on the wire, masked when sent to a server.
    func bytes(to role: WebSocketRole = .server, key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]) -> [UInt8] {
        let mask: UInt8 = role == .server ? 0x80 : 0
        var bytes = [opcode | rsv << 4 | (fin ? 0x80 : 0)]
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [mask | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard role == .server else { return bytes + payload }
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}

extension [RawFrame] {
    /// The frames on the wire, one behind the other.
    func bytes(to role: WebSocketRole = .server) -> [UInt8] { flatMap { $0.bytes(to: role) } }
}

/// An endpoint that echoes, as the Autobahn suite wants its servers and clients: built of a receiver and a frame writer
/// and nothing else.
struct EchoEndpoint {
    private let role: WebSocketRole
    private var receiver: WebSocketReceiver
    private var output = ByteBuffer()
    /// Whether the closing frame is out and the socket would be closed behind it.
    private(set) var hasClosed = false

    init(role: WebSocketRole, maximumMessageBytes: Int = 1 << 24, maximumFragments: Int = 1 << 20) {
        self.role = role
        receiver = WebSocketReceiver(
            role: role, maximumMessageBytes: maximumMessageBytes, maximumFragments: maximumFragments)
    }

    mutating func receive(_ cursor: inout InputCursor) {
        do throws(WebSocketError) {
            while let event = try receiver.next(&cursor) { answer(event) }
        } catch {
            WebSocketFrame.appendClose(error, mask: mask, into: &output)
            hasClosed = true
        }
    }

    private mutating func answer(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes): append(.text, bytes)
        case .binary(let bytes): append(.binary, bytes)
        case .ping(let bytes): append(.pong, bytes)
        case .pong: break
        case .close(let code, _):
            WebSocketFrame.appendClose(code: code, mask: mask, into: &output)
            hasClosed = true
        }
    }

    private mutating func append(_ opcode: WebSocketOpcode, _ bytes: UnsafeRawBufferPointer) {
        WebSocketFrame.append(opcode: opcode, payload: bytes, mask: mask, into: &output)
    }

    private var mask: UInt32? { role == .client ? 0x0102_0304 : nil }

    /// What the peer sees of `feeding` echoed.
    static func answers(_ feeding: Feeding, role: WebSocketRole) -> [SeenWebSocket] {
        var endpoint = EchoEndpoint(role: role)
        feeding.forEach { endpoint.receive(&$0) }
        let peer: WebSocketRole = role == .server ? .client : .server
        return SeenWebSocket.events(.whole(endpoint.output.bytes), role: peer, maximumMessageBytes: 1 << 24)
    }
}
