internal import Bytes
internal import Fanout
internal import Glibc
internal import Grid
internal import Reactor
internal import Web

/// Engine.IO and Socket.IO as the coordinator serves them, on the same HTTP stack, with the numbers that the public
/// protocol suites ask for and nothing behind it but an echo.
final class EchoServer {
    enum Suite: String {
        case engineIO = "engineio"
        case socketIO = "socketio"

        var path: String {
            switch self {
            case .engineIO: "/engine.io/"
            case .socketIO: "/socket.io/"
            }
        }
    }

    let loop: EventLoop
    let suite: Suite
    let links: EngineLinks
    let settings = ServerSettings(heartbeatNanoseconds: 0)
    private var listener: Listener?

    init(_ suite: Suite) throws(SystemError) {
        self.suite = suite
        loop = try EventLoop()
        let engine = EngineIOSettings(
            pingIntervalMilliseconds: 300, pingTimeoutMilliseconds: 200, payloadBytes: 1_000_000,
            upgradeTimeoutMilliseconds: 1000)
        links = EngineLinks(on: loop, number: 0, settings: engine) { count in
            (0..<count).map { _ in UInt8.random(in: .min ... .max) }
        }
        loop.onTurnEnd = { [unowned links] in links.flush() }
    }

    /// Accepts connections. - Returns: the address that is bound.
    func listen(on address: SocketAddress) throws(SystemError) -> SocketAddress {
        let made = try Listener(address: address, reusePort: false, backlog: 128, on: loop) {
            [unowned self] descriptor, peer in
            let connection = EchoConnection(fileDescriptor: descriptor, peer: peer, server: self)
            loop.adopt(connection)
            connection.started()
        }
        listener = made
        return made.boundAddress
    }

    func makeLink(_ transport: EngineIOTransport, _ sid: String, _ connection: EchoConnection) -> EngineLink {
        switch suite {
        case .engineIO: EngineEchoLink(over: transport, sid: sid, on: connection, of: links)
        case .socketIO:
            SocketEchoLink(
                over: transport, sid: sid, on: connection, of: links, namespaces: SocketEchoLink.served,
                connectMilliseconds: 1000)
        }
    }
}

/// One connection of it.
final class EchoConnection: ServerConnection {
    private unowned let server: EchoServer

    init(fileDescriptor: Int32, peer: PeerAddress, server: EchoServer) {
        self.server = server
        super.init(fileDescriptor: fileDescriptor, peer: peer, settings: server.settings)
    }

    override func decide(_ head: HTTPRequestHead, body: ByteBuffer) -> HTTPDecision {
        guard head.path == server.suite.path else { return .respond(HTTPResponse(status: 404)) }
        let decision = server.links.decide(head, body: body, on: self) { transport, sid in
            .link(server.makeLink(transport, sid, self))
        }
        switch decision {
        case .http(let decision): return decision
        case .elsewhere: return .respond(EngineLinks.answer(.unknownSession))
        }
    }

    override func upgraded() { engineUpgraded() }

    override func text(_ bytes: UnsafeRawBufferPointer) { engineReceived(text: bytes) }

    override func binary(_ bytes: UnsafeRawBufferPointer) { engineReceived(binary: bytes) }

    override func writable() {
        super.writable()
        engineWritable()
    }

    override func webSocketDeadline() {}
}
