internal import Bytes
internal import CLinux
internal import Fanout
internal import Grid
internal import Reactor
internal import Web
internal import Wire

/// A WebSocket server on the product's own reactor, protocol machines and fan-out, and nothing above them.
///
/// It answers each message with itself, for conformance suites; with `--broadcast`, what a connection on `/pub`
/// sends goes to every connection on `/sub`, for measurements beside other servers.
final class EchoServer {
    let loop: EventLoop
    let broadcasts: Bool
    let settings: ServerSettings
    private let tls: TLSContext?
    let fanout = LoopFanout()
    private(set) var publisher: Publisher?
    private var listener: Listener?

    /// Inflates what connections send compressed.
    let inflater = WebSocketInflater()
    /// Compresses answers: one for each window that a client has asked for.
    private var compressors: [Int: WebSocketCompressor] = [:]

    static let room = BaseRoom.general
    static let view = ViewID(index: 0)

    /// - Parameter tls: nil speaks plainly.
    init(broadcasts: Bool, messageBytes: Int, tls: TLSContext?) throws(SystemError) {
        loop = try EventLoop()
        self.tls = tls
        self.broadcasts = broadcasts
        settings = ServerSettings(heartbeatNanoseconds: 0, messageBytes: messageBytes, messageFragments: 1 << 20)
        publisher = Publisher(loops: 1, encode: { _, _, _ in }) { [unowned self] _, message in take(message) }
        loop.onTurnEnd = { [unowned self] in fanout.flush() }
    }

    /// Accepts connections. - Returns: the address that is bound.
    func listen(on address: SocketAddress) throws(SystemError) -> SocketAddress {
        let made = try Listener(address: address, reusePort: false, backlog: 4096, on: loop) {
            [unowned self] descriptor, peer in
            let connection = EchoConnection(fileDescriptor: descriptor, peer: peer, server: self)
            if let tls { connection.secure(with: tls) }
            loop.adopt(connection)
            connection.started()
        }
        listener = made
        return made.boundAddress
    }

    /// Accepts no more connections.
    func closeListener() { listener?.close() }

    /// The compressor of that window; the suite wants to see short answers compressed, too.
    func compressor(windowBits: Int) -> WebSocketCompressor {
        if let existing = compressors[windowBits] { return existing }
        let made = WebSocketCompressor(windowBits: windowBits, thresholdBytes: 0)
        compressors[windowBits] = made
        return made
    }

    private func take(_ message: Publisher.Message) {
        switch message {
        case .delivery(let delivery):
            fanout.receive(delivery)
        case .viewChanged(let session, let classIndex, let view, let position, let from):
            let slot = UInt32(truncatingIfNeeded: session.bits >> 32)
            guard
                let channel = loop.channel(slot: slot, generation: UInt32(truncatingIfNeeded: session.bits)),
                let connection = channel as? EchoConnection
            else { return }
            fanout.setView(of: connection, classIndex: classIndex, view: view, position: position, from: from)
        }
    }
}

/// One connection of the echo server.
final class EchoConnection: ServerConnection {
    private enum Role { case echo, subscriber, publisher }

    private unowned let server: EchoServer
    private var role = Role.echo

    init(fileDescriptor: Int32, peer: PeerAddress, server: EchoServer) {
        self.server = server
        super.init(fileDescriptor: fileDescriptor, peer: peer, settings: server.settings)
        // An echo may be as large as its message, header included.
        queueByteLimit = UInt32(clamping: server.settings.messageBytes + 64)
    }

    private var sessionID: SessionID { SessionID(bits: UInt64(slot) << 32 | UInt64(generation)) }

    override func decide(_ head: HTTPRequestHead, body: ByteBuffer) -> HTTPDecision {
        guard head.isWebSocketUpgrade else { return .respond(HTTPResponse(status: 426)) }
        if server.broadcasts {
            switch head.path {
            case "/sub": role = .subscriber
            case "/pub": role = .publisher
            default: return .respond(HTTPResponse(status: 404))
            }
        }
        return .upgrade(subprotocol: nil, inflater: server.inflater)
    }

    override func upgraded() {
        deadline = 0
        guard role == .subscriber else { return }
        let key = ClassKey(room: EchoServer.room, dialect: .native, framing: framing)
        // There is no log here, and nothing to resume.
        let nowhere = LogPosition(epoch: 0, offset: 0)
        server.publisher?.setView(sessionID, loop: 0, key: key, view: EchoServer.view, from: nowhere)
    }

    override func text(_ bytes: UnsafeRawBufferPointer) { take(.text, bytes) }

    override func binary(_ bytes: UnsafeRawBufferPointer) { take(.binary, bytes) }

    private func take(_ opcode: WebSocketOpcode, _ bytes: UnsafeRawBufferPointer) {
        switch role {
        case .echo:
            if deflateWindowBits > 0 {
                sendMessage(opcode, bytes, by: server.compressor(windowBits: deflateWindowBits))
            } else {
                sendFrame(opcode, bytes)
            }
        case .publisher:
            server.publisher?.publish(
                payload: bytes, room: EchoServer.room, dialect: .native, views: [EchoServer.view])
        case .subscriber:
            break
        }
    }

    override func closed(_ cause: CloseCause) {
        super.closed(cause)
        if role == .subscriber { server.publisher?.forget(sessionID, loop: 0) }
    }
}
