public import Bytes
public import Grid
public import Reactor
public import Web

/// A server's connection: HTTP/1.1 requests first, then perhaps WebSocket, with the fan-out's place in it.
///
/// Subclasses decide about requests and take messages. At rest an upgraded connection holds no buffer: what it read
/// was in the loop's own, and the HTTP half of it is gone.
open class ServerConnection: SubscriberChannel {
    public final let settings: ServerSettings
    final var exchange: HTTPExchange?
    private final var receiver: WebSocketReceiver?
    /// When bytes last came.
    public final private(set) var lastHeard: UInt64 = 0
    final var goodbye = Goodbye.open
    /// Whether the connection's last answer is a stream of events without an end.
    public internal(set) final var isEventStream = false
    private final var windowBits: UInt8 = 0
    /// Whether we sent our close frame before the peer sent one.
    public internal(set) final var closedFirst = false
    /// The code of the close frame that we sent; 0 before that.
    public internal(set) final var sentCloseCode: UInt16 = 0
    /// The Engine.IO session that it carries at the moment.
    public internal(set) final var engineLink: EngineLink?
    /// Whether a ping went out since bytes last came.
    final var awaitsPong = false

    enum Goodbye: UInt8 {
        case open
        /// We sent a close frame and wait for the peer's.
        case sent
        /// Both were sent; nothing is read any more.
        case done
    }

    public init(fileDescriptor: Int32, peer: PeerAddress, settings: ServerSettings) {
        self.settings = settings
        exchange = HTTPExchange(limits: settings.http)
        super.init(fileDescriptor: fileDescriptor, peer: peer)
    }

    /// Starts the handshake's deadline; to be called once the loop has adopted the connection.
    public final func started() {
        lastHeard = loop.now
        deadline = loop.now + settings.handshakeNanoseconds
    }

    // MARK: What a subclass decides

    /// A whole request has come.
    open func decide(_ head: HTTPRequestHead, body: ByteBuffer) -> HTTPDecision {
        .respond(HTTPResponse(status: 404))
    }

    /// The JSON body of an answer to a request or handshake that the protocol forbids.
    open func refusalBody(code: String, message: String) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("code")
        writer.string(code)
        writer.key("message")
        writer.string(message)
        writer.endObject()
        return writer.buffer
    }

    /// The connection speaks WebSocket from now on.
    open func upgraded() {}

    /// A text message; the bytes are valid UTF-8 and live only during the call.
    open func text(_ bytes: UnsafeRawBufferPointer) {}

    /// A binary message; the bytes live only during the call.
    open func binary(_ bytes: UnsafeRawBufferPointer) {}

    /// The peer answered a ping or sent one of its own; both were handled already.
    open func heartbeat() {}

    /// Called when ``Channel/deadline`` passes on an open stream of events.
    open func eventStreamDeadline() {}

    /// A ping or a pong came. - Returns: whether it counts as one; a ping that does not is not answered.
    open func admitsControlFrame() -> Bool { true }

    /// A message has been under way for longer than ``ServerSettings/assemblyNanoseconds``. The default closes.
    open func messageOverdue() {
        closeWebSocket(code: CloseReason.policy.code, reason: CloseReason.policy.text)
    }

    /// An answer to a request goes out.
    open func responded(status: Int) {}

    /// Whether the connection may rest after an answer and wait for another request.
    open var mayRest: Bool { true }

    /// Called when ``Channel/deadline`` passes on an open WebSocket. Subclasses that keep a deadline of their own
    /// override it and call ``keepHeartbeat(intervalNanoseconds:)`` for the rest.
    open func webSocketDeadline() { keepHeartbeat(intervalNanoseconds: settings.heartbeatNanoseconds) }

    /// Whether the connection was upgraded.
    public final var isWebSocket: Bool { receiver != nil }

    /// Whether a closing handshake has begun.
    public final var isSayingGoodbye: Bool { goodbye != .open }

    /// Ends a connection that is not upgraded: at once if it rests, else with the answer that it waits for.
    public final func finishRequests() {
        guard let exchange, receiver == nil else { return }
        if exchange.isWaiting {
            exchange.isLast = true
        } else if queuedByteCount == 0 {
            close()
        } else {
            closeAfterFlush()
        }
    }

    /// Bytes kept of a message or a request that is not whole yet.
    public final var unfinishedByteCount: Int {
        if let receiver { return receiver.pendingByteCount }
        return exchange.map { $0.body.count + $0.heldInput.count } ?? 0
    }

    // MARK: Input

    /// Who asks and shuts its half still gets its answer; a peer that follows events and does so has gone.
    open override func endOfStream() {
        // Nobody is there any more who could poll again.
        if receiver == nil, engineLink != nil { return close(.endOfStream) }
        if receiver == nil, !isEventStream { finishRequests() } else { super.endOfStream() }
    }

    open override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        lastHeard = loop.now
        awaitsPong = false
        var input = InputCursor(bytes)
        if let exchange {
            if exchange.isWaiting {
                hold(input.remaining, in: exchange)
                return
            }
            serve(exchange, &input)
        }
        if receiver != nil, !isClosed {
            readFrames(&input)
            watchAssembly()
        }
    }

    /// Sees to it that a message that has begun is whole in time.
    private final func watchAssembly() {
        guard settings.assemblyNanoseconds > 0, !isClosed, goodbye == .open else { return }
        guard let due = receiver?.begin(at: loop.now) else { return }
        deadline = min(deadline == 0 ? .max : deadline, due + settings.assemblyNanoseconds)
    }

    /// Keeps pipelined input until the answer before it is out; a peer that sends too much of it waits.
    private final func hold(_ bytes: UnsafeMutableRawBufferPointer, in exchange: HTTPExchange) {
        exchange.heldInput.append(UnsafeRawBufferPointer(bytes))
        if exchange.heldInput.count >= settings.http.headBytes { pauseReading() }
    }

    private final func serve(_ exchange: HTTPExchange, _ input: inout InputCursor) {
        while self.exchange != nil, !isClosed, goodbye == .open {
            if exchange.isWaiting {
                if !input.isEmpty { hold(input.remaining, in: exchange) }
                return
            }
            do {
                guard let event = try exchange.parser.next(&input) else { return }
                handle(event, exchange)
            } catch {
                fail(error)
                return
            }
        }
    }

    private final func handle(_ event: HTTPRequestEvent, _ exchange: HTTPExchange) {
        switch event {
        case .head(let head):
            exchange.head = head
            exchange.body.removeAll(keepingCapacity: false)
            deadline = loop.now + settings.handshakeNanoseconds
            if head.expectsContinue {
                var buffer = ByteBuffer()
                HTTPResponseWriter.writeContinue(into: &buffer)
                send(buffer)
            }
        case .body(let bytes):
            exchange.body.append(bytes)
        case .end:
            guard let head = exchange.head else { preconditionFailure("a request ended before its head") }
            exchange.isWaiting = true
            conclude(head, exchange)
        }
    }

    final func conclude(_ head: HTTPRequestHead, _ exchange: HTTPExchange) {
        switch decide(head, body: exchange.body) {
        case .respond(let response): respond(response)
        case .later: deadline = loop.now + settings.answerNanoseconds
        case .upgrade(let subprotocol, let inflater):
            upgrade(head, subprotocol: subprotocol, inflater: settings.deflates ? inflater : nil)
        }
    }

    private final func fail(_ error: HTTPError) {
        respond(.json(error.status, refusalBody(code: "\(error.code)", message: "\(error.message)"), closes: true))
    }

    // MARK: Answers

    /// Sends the answer, however large, to the request that ``decide(_:body:)`` put off, then the next one; nothing
    /// after the last. The queue's limit is for what piles up unasked.
    public final func respond(_ response: HTTPResponse) {
        guard let exchange, !isClosing else { return }
        responded(status: response.status)
        let keepsAlive = !response.closes && !exchange.isLast && (exchange.head?.keepAlive ?? false) && mayRest
        var buffer = ByteBuffer(capacity: 256 + response.body.count)
        HTTPResponseWriter.writeHead(
            status: response.status, headers: response.headers, body: .length(response.body.count),
            keepAlive: keepsAlive, into: &buffer)
        if exchange.head?.method != "HEAD" { response.body.withBytes { buffer.append($0) } }
        queueByteLimit = UInt32(clamping: max(loop.configuration.privateQueueBytes, queuedByteCount + buffer.count))
        send(buffer)
        (exchange.isWaiting, exchange.head) = (false, nil)
        guard keepsAlive else {
            goodbye = .done
            return closeAfterFlush()
        }
        deadline = loop.now + settings.keepAliveNanoseconds
        resumeHeldInput(exchange)
    }

    /// Takes up pipelined requests that waited, unless this answer was given while their input is being read.
    private final func resumeHeldInput(_ exchange: HTTPExchange) {
        guard !exchange.heldInput.isEmpty else { return }
        var held = exchange.heldInput
        exchange.heldInput = ByteBuffer()
        resumeReading()
        held.withMutableBytes { bytes in
            var input = InputCursor(bytes)
            serve(exchange, &input)
            if receiver != nil, !isClosed {
                readFrames(&input)
                watchAssembly()
            }
        }
    }

    private final func upgrade(_ head: HTTPRequestHead, subprotocol: String?, inflater: WebSocketInflater?) {
        switch WebSocketHandshake.accept(head, subprotocols: subprotocol.map { [$0] } ?? []) {
        case .failure(let refusal):
            let body = refusalBody(code: "HANDSHAKE_REFUSED", message: refusal.message)
            respond(.json(refusal.status, body, headers: refusal.headers, closes: true))
        case .success(let accept):
            let deflate = inflater == nil ? nil : WebSocketDeflate.accepted(from: accept.offeredExtensions)
            var buffer = ByteBuffer(capacity: 256)
            accept.writeResponse(extensions: deflate?.answer, into: &buffer)
            send(buffer)
            var receiver = WebSocketReceiver(
                role: .server, maximumMessageBytes: settings.messageBytes, maximumFragments: settings.messageFragments)
            if let deflate {
                receiver.inflater = inflater
                windowBits = UInt8(deflate.windowBits)
            }
            self.receiver = receiver
            exchange = nil
            deadline = settings.heartbeatNanoseconds > 0 ? loop.now + settings.heartbeatNanoseconds : 0
            upgraded()
        }
    }

    // MARK: WebSocket

    /// The largest message the peer may send from now on.
    public final var maximumMessageBytes: Int {
        get { receiver?.maximumMessageBytes ?? settings.messageBytes }
        set { receiver?.maximumMessageBytes = newValue }
    }

    /// The base-2 logarithm of the window that compressed messages to the peer may use; 0 when there may be none.
    public final var deflateWindowBits: Int { Int(windowBits) }

    /// How the classes that the peer looks at are framed. What is compressed for all of them needs the greatest window.
    public final var framing: Framing {
        deflateWindowBits >= WebSocketCompressor.greatestWindowBits ? .webSocketDeflate : .webSocket
    }

    private final func readFrames(_ input: inout InputCursor) {
        while goodbye != .done, !isClosed {
            do {
                guard let event = try receiver?.next(&input) else { return }
                handle(event)
            } catch {
                closeWebSocket(code: error.closeCode, reason: "\(error.reason)")
                finishClosing()
                return
            }
        }
    }

    private final func handle(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes):
            if goodbye == .open { text(bytes) }
        case .binary(let bytes):
            if goodbye == .open { binary(bytes) }
        case .ping(let payload):
            guard goodbye == .open, admitsControlFrame() else { return }
            sendFrame(.pong, payload)
            heartbeat()
        case .pong:
            guard goodbye == .open, admitsControlFrame() else { return }
            heartbeat()
        case .close(let code, _):
            if goodbye == .open {
                // Before our close frame, behind which nothing may follow; and the fan-out must not find a
                // connection that takes no more bytes.
                sentCloseCode = code ?? 1000
                leaveViews()
                leaveEngine()
                sendCloseFrame(code: code ?? 1000, reason: "")
            }
            finishClosing()
        }
    }

    /// Begins the closing handshake; further messages of the peer are ignored.
    ///
    /// - Parameter reason: at most 123 bytes of UTF-8, by our custom 32 of ASCII.
    public final func closeWebSocket(code: UInt16, reason: String) {
        guard receiver != nil, goodbye == .open else { return }
        sentCloseCode = code
        closedFirst = true
        leaveViews()
        sendCloseFrame(code: code, reason: reason)
        goodbye = .sent
        leaveEngine()
        deadline = loop.now + settings.closeNanoseconds
    }

    private final func sendCloseFrame(code: UInt16, reason: String) {
        var frame = ByteBuffer(capacity: reason.utf8.count + 16)
        WebSocketFrame.appendClose(code: code, reason: reason, into: &frame)
        send(frame)
    }

    /// The handshake is over: what is queued goes out, then the connection ends.
    final func finishClosing() {
        goodbye = .done
        closeAfterFlush(timeoutMilliseconds: Int(settings.closeNanoseconds / 1_000_000))
    }

    /// Leaves all views and its Engine.IO session. Subclasses that override call `super`.
    open override func closed(_ cause: CloseCause) {
        super.closed(cause)
        leaveEngine()
    }

    // MARK: Deadlines

    open override func deadlineReached() {
        if let exchange, exchange.isWaiting {
            let body = refusalBody(code: "UNAVAILABLE", message: "there is no answer in time")
            respond(.json(503, body, headers: [("Retry-After", "5")], closes: true))
        } else if isEventStream, goodbye == .open {
            eventStreamDeadline()
        } else if receiver == nil {
            // A peer in the middle of a request is told; a resting one is not.
            if exchange?.head != nil || exchange?.parser.isWithinRequest == true {
                fail(.timeout)
            } else {
                close(.deadline)
            }
        } else if goodbye != .open {
            close(.deadline)
        } else if let began = receiver?.begin(at: loop.now), settings.assemblyNanoseconds > 0,
            loop.now >= began + settings.assemblyNanoseconds
        {
            messageOverdue()
        } else {
            webSocketDeadline()
            watchAssembly()
        }
    }

    open override func fellBehind(_ cause: SlowCause, at positions: [RoomPosition]) {
        guard !isEventStream else { return endEventStream(code: CloseReason.slow.code) }
        closeWebSocket(code: CloseReason.slow.code, reason: CloseReason.slow.text)
        finishClosing()
    }
}
