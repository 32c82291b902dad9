public import Bytes
public import Grid
public import Reactor
public import Web

/// One Engine.IO session with what carries it: the pure machine (``Web/EngineIOSession``), the connection whose poll
/// waits, the WebSocket that is its transport and the one that is being tried.
///
/// It outlives its connections, so it has a place in the loop's table of its own, and a deadline for heartbeats.
/// Subclasses take the messages.
open class EngineLink: Channel {
    /// The session's secret name.
    public final let sid: String
    final unowned let links: EngineLinks
    final var session: EngineIOSession
    /// What the machine wants done, in order; empty at rest.
    private final var todo: [EngineIOAction]
    private final var isPerforming = false
    final var poll: ServerConnection?
    /// Further header fields of the answer that waits.
    private final var pollHeaders: [(String, String)] = []
    /// The answer to the request that is just being decided about.
    private final var immediate: HTTPResponse?
    private final var asking: ServerConnection?
    /// The WebSocket that is the transport.
    public private(set) final var webSocket: ServerConnection?
    final var probe: ServerConnection?
    final var isOnFlushList = false
    /// Why the session ended; `nil` as long as it has not.
    public private(set) final var ending: EngineIOEnding?

    /// A session that begins with a request which is ``Web/EngineIORequest/open(_:)``.
    ///
    /// - Parameters:
    ///   - sid: from ``EngineLinks/decide(_:body:on:headers:open:)``.
    ///   - connection: that the request came on.
    public init(over transport: EngineIOTransport, sid: String, on connection: ServerConnection, of links: EngineLinks)
    {
        self.sid = sid
        self.links = links
        var actions: [EngineIOAction] = []
        session = EngineIOSession(
            over: transport, sid: sid, settings: links.settings, at: links.loop.now, into: &actions)
        todo = actions
        switch transport {
        case .polling: poll = connection
        case .webSocket: webSocket = connection
        }
        super.init(withoutSocketFor: connection.peer)
    }

    // MARK: What a subclass decides

    /// A message of the client; the bytes live only during the call.
    open func message(_ message: EngineIOMessage) {}

    /// The session is over: called once, when nothing can be sent any more.
    open func ended() {}

    /// The transport has room again after much was waiting.
    open func relieved() {}

    /// When ``ownDeadlineReached()`` is due, in monotonic nanoseconds; `.max`: never. ``rearm()`` after a change.
    open var ownDeadline: UInt64 { .max }

    /// Something of the subclass' own is due.
    open func ownDeadlineReached() {}

    /// How packets travel at the moment.
    public final var transport: EngineIOTransport { session.transport }

    /// Whether messages are taken and sent.
    public final var isOpen: Bool { session.isOpen && ending == nil }

    /// Bytes that wait for the client.
    public final var waitingByteCount: Int {
        switch session.transport {
        case .polling: session.queuedByteCount
        case .webSocket: webSocket?.queuedByteCount ?? 0
        }
    }

    // MARK: Sending

    /// Sends a text message, which `write` appends: UTF-8 without U+001E, as JSON is.
    public final func send(_ write: (inout ByteBuffer) -> Void) {
        guard isOpen else { return }
        session.send(into: &todo, write)
        sent()
    }

    /// Sends a text message that is two parts. Over a WebSocket it is framed once for all sessions that get the same.
    public final func send(_ head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer) {
        guard isOpen else { return }
        guard session.transport == .webSocket, todo.isEmpty, let webSocket else {
            return send { buffer in
                buffer.append(head)
                buffer.append(tail)
            }
        }
        guard hasRoom(1 + head.count + tail.count) else { return endSlow() }
        webSocket.send(links.frame(of: head, tail))
        guard !isOnFlushList else { return }
        // The first of a turn goes at once, while the others' are still being handed out; what follows it goes together
        // at the turn's end.
        links.willFlush(self)
        webSocket.flushNow()
    }

    /// Sends a binary message.
    public final func send(binary bytes: UnsafeRawBufferPointer) {
        guard isOpen else { return }
        session.send(binary: bytes, into: &todo)
        sent()
    }

    private func sent() {
        links.willFlush(self)
        perform()
    }

    /// Whether a frame finds room, and a goodbye behind it.
    private func hasRoom(_ count: Int) -> Bool {
        guard let webSocket else { return true }
        return count + WebSocketFrame.maximumHeaderByteCount + LoopFanout.goodbyeRoom <= webSocket.queueRoom
    }

    /// The turn is over: answers the waiting poll with all that came, or hands the socket what waits for it.
    final func flush() {
        isOnFlushList = false
        guard ending == nil else { return }
        if session.transport == .webSocket {
            webSocket?.flushNow()
        } else {
            session.flush(into: &todo)
            perform()
        }
    }

    // MARK: The end

    /// Closes the session in good order.
    public final func closeSession() {
        guard ending == nil else { return }
        session.close(at: loop.now, into: &todo)
        perform()
    }

    /// Closes the WebSocket that is the transport with a code of our own, and with it the session. A session that polls
    /// is closed in good order.
    public final func endTransport(_ reason: CloseReason) {
        guard ending == nil else { return }
        guard let webSocket else { return closeSession() }
        release(webSocket)
        webSocket.closeWebSocket(code: reason.code, reason: reason.text)
        session.webSocketClosed(into: &todo)
        perform()
    }

    /// More waits than may.
    private func endSlow() { endTransport(.slow) }

    private func finish(_ ending: EngineIOEnding) {
        self.ending = ending
        close()
    }

    /// The link has left the loop, whoever ended it. Subclasses do not override it: ``ended()``.
    public final override func closed(_ cause: CloseCause) {
        if ending == nil { ending = .transportClosed }
        for connection in [poll, webSocket, probe] {
            if let connection { release(connection) }
        }
        links.forget(self)
        ended()
    }

    /// Nothing ties the connection to the session any more.
    private func release(_ connection: ServerConnection) {
        connection.engineLink = nil
        if poll === connection { poll = nil }
        if webSocket === connection { webSocket = nil }
        if probe === connection { probe = nil }
    }

    // MARK: Deadlines

    /// Looks anew when something is due.
    public final func rearm() {
        guard !isClosed else { return }
        deadline = min(session.deadline ?? .max, ownDeadline)
    }

    public final override func deadlineReached() {
        session.tick(at: loop.now, into: &todo)
        perform()
        if ending == nil, loop.now >= ownDeadline { ownDeadlineReached() }
        rearm()
    }

    // MARK: What the machine wants

    /// Does it, in order. What comes of it waits its turn.
    private func perform() {
        guard !isPerforming, generation != 0 else { return }
        isPerforming = true
        var next = 0
        while next < todo.count {
            carryOut(todo[next])
            next += 1
        }
        todo = []
        isPerforming = false
        rearm()
    }

    private func carryOut(_ action: EngineIOAction) {
        switch action {
        case .answerPoll(let body): answerPoll(body)
        case .sendText(let packet):
            guard let webSocket else { return }
            guard hasRoom(packet.count) else { return endSlow() }
            webSocket.sendText(packet)
        case .sendBinary(let bytes):
            guard let webSocket else { return }
            guard hasRoom(bytes.count) else { return endSlow() }
            bytes.withBytes { webSocket.sendFrame(.binary, $0) }
        case .sendProbe(let packet): probe?.sendText(packet)
        case .adoptProbe: (webSocket, probe) = (probe, nil)
        case .closeProbe: close(probe, code: CloseReason.normal.code)
        case .closeWebSocket(let code): close(webSocket, code: code)
        case .end(let ending): finish(ending)
        }
    }

    private func close(_ connection: ServerConnection?, code: UInt16) {
        guard let connection else { return }
        release(connection)
        connection.closeWebSocket(code: code, reason: "")
    }

    private func answerPoll(_ body: ByteBuffer) {
        guard let connection = poll else { return }
        release(connection)
        let fields = [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")] + pollHeaders
        pollHeaders = []
        let response = HTTPResponse(status: 200, headers: fields, body: body)
        if connection === asking { immediate = response } else { connection.respond(response) }
    }

    /// The session's first words, once the loop has it.
    ///
    /// - Returns: the answer to the request that opened it, if it polls.
    func begin(headers: [(String, String)]) -> HTTPResponse? {
        guard let connection = poll else { return nil }
        pollHeaders = headers
        return asked(by: connection) {}
    }

    /// The handshake of its WebSocket is over.
    func beginOverWebSocket() { perform() }

    /// Performs what a request brings about. - Returns: its answer, if it has one by now.
    private func asked(by connection: ServerConnection, _ body: () -> Void) -> HTTPResponse? {
        asking = connection
        defer { (asking, immediate) = (nil, nil) }
        body()
        perform()
        return immediate
    }

    // MARK: Requests

    /// A GET: answered now, or when something comes.
    func poll(
        _ connection: ServerConnection, headers: [(String, String)]
    ) throws(EngineIORefusal) -> HTTPResponse? {
        let former = poll
        var refusal: EngineIORefusal?
        if former == nil {
            (poll, pollHeaders) = (connection, headers)
            connection.engineLink = self
        }
        let answer = asked(by: connection) {
            do throws(EngineIORefusal) {
                try session.poll(at: loop.now, into: &todo)
            } catch {
                refusal = error
                if former == nil { release(connection) }
            }
        }
        if let refusal { throw refusal }
        if waitingByteCount == 0 { relieved() }
        return answer
    }

    /// A POST with its whole body.
    func post(
        _ head: HTTPRequestHead, body: ByteBuffer, on connection: ServerConnection
    ) throws(EngineIORefusal) {
        defer { perform() }
        try session.beginPost(contentType: head.headers["Content-Type"], byteCount: body.count, into: &todo)
        var body = body
        let now = loop.now
        body.withMutableBytes { bytes in
            var payload = EngineIOPayloadReader(bytes)
            while let message = session.receive(&payload, at: now, into: &todo) {
                self.message(message)
                perform()
            }
        }
        links.willFlush(self)
        try session.finishPost()
    }

    /// A WebSocket for a session that polls; one that is not tried is accepted and closed.
    func upgrade(_ connection: ServerConnection) throws(EngineIORefusal) {
        defer { perform() }
        guard try session.beginUpgrade(at: loop.now, into: &todo) else { return }
        probe = connection
        connection.engineLink = self
    }

    // MARK: WebSocket

    func received(text: UnsafeRawBufferPointer, on connection: ServerConnection) {
        if connection === webSocket {
            if let message = session.receive(text: text, at: loop.now, into: &todo) { self.message(message) }
        } else if connection === probe {
            session.receiveProbe(text: text, at: loop.now, into: &todo)
        }
        perform()
    }

    func received(binary: UnsafeRawBufferPointer, on connection: ServerConnection) {
        if connection === webSocket {
            if let message = session.receive(binary: binary, at: loop.now, into: &todo) { self.message(message) }
        } else if connection === probe {
            session.receiveProbeBinary(into: &todo)
        }
        perform()
    }

    /// A connection of the session broke off, or says goodbye.
    func lost(_ connection: ServerConnection) {
        let (wasPoll, wasTransport) = (connection === poll, connection === webSocket)
        release(connection)
        if wasPoll {
            session.pollAborted(into: &todo)
        } else if wasTransport {
            session.webSocketClosed(into: &todo)
        } else if session.isUpgrading {
            session.probeClosed()
        }
        perform()
    }
}
