internal import Dial
internal import Reactor
internal import Web

/// The client's end of a conformance suite that is a server: the agent's own client, which answers each message with
/// itself.
///
/// The suite's server tells on `/getCaseCount` how many cases it has, plays one on each connection to
/// `/runCase?case=N`, and writes its report when `/updateReports` is opened.
final class EchoClient {
    private enum Stage {
        case asking
        case playing(Int)
        case reporting
    }

    private let loop: EventLoop
    private let dialer: WebSocketDialer
    private let server: ServiceURL
    private let messageBytes: Int
    private var stage = Stage.asking
    private var caseCount = 0
    /// Why it could not go on; `nil` when everything was played.
    private(set) var failure: String?

    /// What the report calls the client.
    private static let name = "neurogrid"

    init(server: ServiceURL, messageBytes: Int, on loop: EventLoop) {
        self.server = server
        self.messageBytes = messageBytes
        self.loop = loop
        dialer = WebSocketDialer(on: loop)
    }

    /// Plays every case; stops the loop after the last.
    func start() { dial("/getCaseCount") }

    private func dial(_ target: String) {
        guard let url = try? server.with(target: target) else { return fail("no target: \(target)") }
        var request = WebSocketRequest(url: url)
        // The suite writes its whole report before its answer to the last handshake leaves.
        request.openTimeoutMilliseconds = 300_000
        request.maximumMessageBytes = messageBytes
        request.maximumFragments = 1 << 20
        // An echo waits in the queue whole.
        request.queueByteLimit = messageBytes + WebSocketFrame.maximumHeaderByteCount
        request.offersDeflate = true
        dialer.dial(request, delegate: self)
    }

    private func goOn() {
        switch stage {
        case .asking where caseCount == 0:
            fail("the server has no cases")
        case .asking:
            play(1)
        case .playing(let number) where number < caseCount:
            play(number + 1)
        case .playing:
            stage = .reporting
            dial("/updateReports?agent=\(Self.name)")
        case .reporting:
            finish()
        }
    }

    private func play(_ number: Int) {
        stage = .playing(number)
        dial("/runCase?case=\(number)&agent=\(Self.name)")
    }

    private func fail(_ reason: String) {
        failure = reason
        finish()
    }

    private func finish() {
        dialer.close()
        loop.stop()
    }
}

extension EchoClient: WebSocketClientDelegate {
    func webSocketOpened(_ client: WebSocketClient, agreement: WebSocketAgreement) {}

    func webSocketDialFailed(_ dial: WebSocketDial, error: DialError) { fail("\(dial.request.url): \(error)") }

    func webSocket(_ client: WebSocketClient, text: UnsafeRawBufferPointer) {
        switch stage {
        case .asking: caseCount = Int(String(decoding: text, as: UTF8.self)) ?? 0
        case .playing: client.send(text: text)
        case .reporting: break
        }
    }

    func webSocket(_ client: WebSocketClient, binary: UnsafeRawBufferPointer) { client.send(binary: binary) }

    func webSocketEnded(_ client: WebSocketClient, ending: WebSocketEnding) { goOn() }
}
