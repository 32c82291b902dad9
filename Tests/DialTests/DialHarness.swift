import Bytes
import Glibc
import Reactor
import Testing
import Web

@testable import Dial

/// A loop that a test turns by hand, with a server on it that does what the test says.
final class DialHarness {
    let loop: EventLoop
    let address: SocketAddress
    private let listener: Listener
    private let isSecure: Bool
    /// Connections of the server, in the order in which they were accepted.
    private(set) var accepted: [ServerChannel] = []
    private var closers: [() -> Void] = []

    /// `serve` is told of every head, and answers through its channel.
    init(
        at address: SocketAddress = .ipv4(0x7F00_0001, port: 0), tls: TLSContext? = nil,
        serve: @escaping (ServerChannel, HTTPRequestHead) -> Void
    ) throws {
        let loop = try EventLoop()
        self.loop = loop
        isSecure = tls != nil
        var adopt: ((Int32) -> Void)?
        listener = try Listener(address: address, on: loop) { descriptor, _ in adopt?(descriptor) }
        self.address = listener.boundAddress
        adopt = { [unowned self] descriptor in
            let channel = ServerChannel(fileDescriptor: descriptor)
            channel.serve = serve
            if let tls { channel.secure(with: tls) }
            loop.adopt(channel)
            accepted.append(channel)
        }
    }

    var port: UInt16 { address.port ?? 0 }

    func url(_ target: String = "/ws", host: String = "127.0.0.1") throws -> ServiceURL {
        try ServiceURL(parsing: "\(isSecure ? "wss" : "ws")://\(host):\(port)\(target)")
    }

    func makeDialer(tls: TLSContext? = nil) -> WebSocketDialer {
        let dialer = WebSocketDialer(on: loop, tls: tls)
        closers.append { dialer.close() }
        return dialer
    }

    func makeHTTPClient(tls: TLSContext? = nil) -> HTTPClient {
        let client = HTTPClient(on: loop, tls: tls)
        closers.append { client.close() }
        return client
    }

    /// Turns the loop until `condition` holds; gives up after a minute without it, for machines with much else to do.
    func turn(_ what: Comment = "condition", until condition: () -> Bool) throws {
        let limit = Clock.monotonicNanoseconds() + 60_000_000_000
        while !condition() {
            loop.runOnce(timeoutMilliseconds: 100)
            try #require(condition() || Clock.monotonicNanoseconds() < limit, what)
        }
    }

    func turnOnce() { loop.runOnce(timeoutMilliseconds: 0) }

    func close() {
        listener.close()
        for closer in closers { closer() }
        loop.close()
        for channel in accepted { channel.serve = nil }
    }
}

/// A port of 127.0.0.1 that is taken, so that nobody gets it, and on which nobody listens: who dials it is refused.
/// After a listener's end the port may be another's, or a child of another test may still hold the listener.
struct RefusingPort {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(socket, place, length) == 0 ? getsockname(socket, place, &length) : -1
            }
        }
        try #require(result == 0, "bind: errno \(errno)")
        port = UInt16(bigEndian: address.sin_port)
        descriptor = socket
    }

    func url() throws -> ServiceURL { try ServiceURL(parsing: "ws://127.0.0.1:\(port)/ws") }

    func close() { _ = Glibc.close(descriptor) }
}

/// The server's end of a connection: HTTP at first, WebSocket once it has upgraded.
final class ServerChannel: Channel {
    var serve: ((ServerChannel, HTTPRequestHead) -> Void)?
    var onMessage: ((ServerChannel, String) -> Void)?
    private(set) var heads: [HTTPRequestHead] = []
    private(set) var body: [UInt8] = []
    private(set) var messages: [String] = []
    private(set) var binaries: [[UInt8]] = []
    private(set) var pingPayloads: [[UInt8]] = []
    var pings: Int { pingPayloads.count }
    private(set) var pongs = 0
    private(set) var closes: [UInt16?] = []
    private(set) var faults: [UInt16] = []
    private(set) var hasEnded = false
    /// Answers pings and closes as it must; tests turn it off to be a bad server.
    var isPolite = true
    private var parser = HTTPRequestParser()
    private var receiver: WebSocketReceiver?

    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        var input = InputCursor(bytes)
        do {
            while receiver == nil, let event = try parser.next(&input) {
                switch event {
                case .head(let head):
                    heads.append(head)
                    serve?(self, head)
                    if isClosed { return }
                case .body(let bytes): body.append(contentsOf: bytes)
                case .end: break
                }
            }
        } catch {
            Issue.record("the client sent bad HTTP: \(error)")
        }
        readFrames(&input)
    }

    private func readFrames(_ input: inout InputCursor) {
        do {
            while !isClosed, let event = try receiver?.next(&input) {
                switch event {
                case .text(let bytes):
                    let text = String(decoding: bytes, as: UTF8.self)
                    messages.append(text)
                    onMessage?(self, text)
                case .binary(let bytes): binaries.append(Array(bytes))
                case .ping(let bytes):
                    pingPayloads.append(Array(bytes))
                    if isPolite { sendFrame(.pong, Array(bytes)) }
                case .pong: pongs += 1
                case .close(let code, _):
                    closes.append(code)
                    if isPolite {
                        sendClose(code)
                        closeAfterFlush()
                    }
                }
            }
        } catch {
            faults.append(error.closeCode)
        }
    }

    override func closed(_ cause: CloseCause) { hasEnded = true }

    /// Answers the handshake as it should be answered.
    func upgrade(_ head: HTTPRequestHead, subprotocols: [String] = [], inflater: WebSocketInflater? = nil) {
        guard case .success(let accept) = WebSocketHandshake.accept(head, subprotocols: subprotocols) else {
            Issue.record("the client's handshake was refused")
            return
        }
        var buffer = ByteBuffer()
        let deflate = inflater == nil ? nil : WebSocketDeflate.accepted(from: accept.offeredExtensions)
        accept.writeResponse(extensions: deflate?.answer, into: &buffer)
        receiver = WebSocketReceiver(role: .server, maximumMessageBytes: 1 << 20, maximumFragments: 100)
        if deflate != nil { receiver?.inflater = inflater }
        send(buffer)
    }

    func sendFrame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
        var buffer = ByteBuffer()
        payload.withUnsafeBytes { WebSocketFrame.appendServer(opcode: opcode, payload: $0, into: &buffer) }
        send(buffer)
    }

    func sendText(_ text: String) { sendFrame(.text, Array(text.utf8)) }

    func sendClose(_ code: UInt16?, reason: String = "") {
        var buffer = ByteBuffer()
        WebSocketFrame.appendClose(code: code, reason: reason, into: &buffer)
        send(buffer)
    }

    func sendRaw(_ text: String) { send(Array(text.utf8)) }
}

/// A delegate that writes down what it hears.
final class RecordingDelegate: WebSocketClientDelegate {
    var clients: [WebSocketClient] = []
    var agreements: [WebSocketAgreement] = []
    var texts: [String] = []
    var binaries: [[UInt8]] = []
    var pongs: [[UInt8]] = []
    var dialErrors: [DialError] = []
    var endings: [WebSocketEnding] = []
    var onOpen: ((WebSocketClient) -> Void)?
    var onText: ((WebSocketClient, String) -> Void)?

    var client: WebSocketClient? { clients.last }

    func webSocketOpened(_ client: WebSocketClient, agreement: WebSocketAgreement) {
        clients.append(client)
        agreements.append(agreement)
        onOpen?(client)
    }

    func webSocketDialFailed(_ dial: WebSocketDial, error: DialError) { dialErrors.append(error) }

    func webSocket(_ client: WebSocketClient, text: UnsafeRawBufferPointer) {
        let text = String(decoding: text, as: UTF8.self)
        texts.append(text)
        onText?(client, text)
    }

    func webSocket(_ client: WebSocketClient, binary: UnsafeRawBufferPointer) { binaries.append(Array(binary)) }

    func webSocket(_ client: WebSocketClient, pong: UnsafeRawBufferPointer) { pongs.append(Array(pong)) }

    func webSocketEnded(_ client: WebSocketClient, ending: WebSocketEnding) { endings.append(ending) }
}
