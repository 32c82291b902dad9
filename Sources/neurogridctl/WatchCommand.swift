internal import Bytes
internal import Dial
internal import Glibc
internal import Reactor
internal import Service
internal import Web

/// `watch ROOM`: the room's events as they come, until interrupted.
enum WatchCommand {
    static let command = Command(
        "watch", summary: "Print a room's events as they come.",
        positionals: [Positional("ROOM", meaning: "nodes, node:ID, tasks, …")])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        Signals.block([SIGINT, SIGTERM, SIGPIPE])
        let token = try options.requiredToken()
        let loop = try EventLoop()
        // Also where something throws: a loop is closed before it is let go.
        defer { loop.close() }
        let watcher = try RoomWatcher(loop: loop, options: options, token: token, room: arguments.text("ROOM") ?? "")
        let signals = try Signals([SIGINT, SIGTERM], on: loop) { _ in loop.stop() }
        watcher.start()
        try loop.run()
        signals.close()
        watcher.close()
        if let failure = watcher.failure { throw RESTClient.Failure(description: failure) }
    }
}

/// One session that looks at one room, and comes back when the connection is lost.
private final class RoomWatcher: WebSocketClientDelegate {
    private let loop: EventLoop
    private let options: ConnectionOptions
    private let token: String
    private let room: String
    private let dialer: WebSocketDialer
    private let request: WebSocketRequest
    private var printer: EventPrinter
    private var backoff: Backoff
    private var isStopping = false
    /// Why watching had to end, if it had to.
    private(set) var failure: String?

    init(loop: EventLoop, options: ConnectionOptions, token: String, room: String) throws {
        self.loop = loop
        self.options = options
        self.token = token
        self.room = room
        dialer = WebSocketDialer(on: loop, tls: options.tls)
        var request = WebSocketRequest(url: try options.url.with(target: "/ws"))
        request.heartbeat = Heartbeat(intervalMilliseconds: 15_000, answerMilliseconds: 15_000)
        request.offersDeflate = true
        self.request = request
        printer = EventPrinter(printsJSON: options.printsJSON)
        backoff = Backoff(seed: Clock.monotonicNanoseconds() ^ UInt64(getpid()))
    }

    func start() { dialer.dial(request, delegate: self) }

    /// Dials no more; what ends from now on is no news.
    func close() {
        isStopping = true
        dialer.close()
    }

    func webSocketOpened(_ client: WebSocketClient, agreement: WebSocketAgreement) {
        backoff.opened(nowNanoseconds: loop.now)
        client.send(text: Self.message("authenticate", ("token", token)))
        client.send(text: Self.message("join_room", ("room", room), since: printer.position))
    }

    private static func message(
        _ type: StaticString, _ field: (name: StaticString, value: String),
        since: (epoch: UInt64, offset: UInt64)? = nil
    ) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("type")
        writer.string(static: type)
        writer.key("data")
        writer.beginObject()
        writer.key(field.name)
        writer.string(field.value)
        if let since {
            writer.key("since")
            writer.beginObject()
            writer.field("epoch", since.epoch)
            writer.field("offset", since.offset)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }

    func webSocket(_ client: WebSocketClient, text: UnsafeRawBufferPointer) {
        // Both requests are out before either is answered: where the first is refused, so is the second, for a reason
        // that is none.
        guard failure == nil else { return }
        switch printer.print(text) {
        case .goesOn: break
        case .ends(let reason):
            failure = reason
            loop.stop()
        }
    }

    func webSocket(_ client: WebSocketClient, binary: UnsafeRawBufferPointer) {}

    func webSocketDialFailed(_ dial: WebSocketDial, error: DialError) {
        retry("\(error)", afterSeconds: error.retryAfterSeconds)
    }

    func webSocketEnded(_ client: WebSocketClient, ending: WebSocketEnding) {
        // The coordinator spreads its clients' returns; the backoff knows whole seconds.
        let asked = printer.retryAfterMilliseconds.map { $0 / 1000 + ($0 % 1000 > 0 ? 1 : 0) }
        switch ending {
        case .closed(let code, let reason):
            retry("closed \(code.map(String.init) ?? "") \(reason)", afterSeconds: asked)
        case .failed(let error): retry("\(error)", afterSeconds: asked)
        }
    }

    private func retry(_ why: String, afterSeconds asked: Int? = nil) {
        guard failure == nil, !isStopping else { return }
        let delay = backoff.failed(nowNanoseconds: loop.now, retryAfterSeconds: asked)
        StandardStream.error.write("neurogridctl: \(options.url): \(why), again in \(delay) ms\n")
        loop.schedule(afterNanoseconds: UInt64(delay) * 1_000_000) { [weak self] in self?.start() }
    }
}
