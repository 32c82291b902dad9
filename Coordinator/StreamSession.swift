internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// What a request for `/events` asks for, checked as far as the edge can.
struct StreamRequest {
    var claims: TokenClaims
    /// At least one, none twice.
    var rooms: [StreamRoom]
    /// Where the client left off; a room without a place begins with what comes.
    var since: [RoomPosition]
    /// Of the answer, for the page that asked.
    var headers: [(String, String)]
}

/// A client of `/events`: several rooms as one stream of Server-Sent Events. (Events reach it through the fan-out.)
///
/// The request is answered when the Hub has said yes or no to all of its rooms.
final class StreamSession {
    private unowned let connection: EdgeConnection
    private let edge: Edge
    private var request: StreamRequest
    private var isOpen = false
    /// More of the replay is wanted when everything queued is sent.
    private var isReplayAwaited = false
    /// When something of the session's own was last sent.
    private var lastSent: UInt64 = 0
    /// What the peer had not taken at the last heartbeat.
    private var unsentBytes = 0

    init(connection: EdgeConnection, edge: Edge, request: StreamRequest) {
        self.connection = connection
        self.edge = edge
        self.request = request
    }

    /// Asks the Hub.
    func open() {
        isOpen = true
        let claims = request.claims
        edge.shared.log.authenticated(peer: connection.peer, user: claims.subject)
        edge.push(
            .sessionOpened(
                connection.sessionID,
                Subscriber(
                    user: claims.subject, permissions: claims.permissions, region: claims.region,
                    roomLimit: edge.shared.configuration.limits.roomsPerConnection,
                    client: connection.clientFacts(.native))))
        edge.push(.streamRequested(connection.sessionID, request.rooms, since: request.since))
        // The Hub has them; a stream may rest for long.
        request.rooms = []
        request.since = []
    }

    /// The connection is gone, or the request was refused.
    func lost() {
        if isOpen { edge.push(.sessionClosed(connection.sessionID, because: connection.ending)) }
        isOpen = false
    }

    // MARK: From the Hub

    /// Carries out one of the Hub's effects on this session.
    func perform(_ effect: Effect) {
        switch effect {
        case .streamOpened(_, let rooms):
            begin(rooms)
        case .refused(_, let refusal):
            refuse(Routes.refusal(refusal))
        case .roomLimit(_, let limit):
            refuse(Routes.refusal(400, .badRequest, "a stream has at most \(limit) rooms"))
        case .fellBehind:
            connection.overtaken()
        default:
            preconditionFailure("an effect that is not a stream's reached one")
        }
    }

    private func refuse(_ answer: HTTPResponse) {
        var answer = answer
        answer.headers += request.headers
        connection.refuseStream(answer)
    }

    /// All rooms are there. The last acknowledgement carries the first id: before it, the client could not know of a
    /// gap that a later one tells of.
    private func begin(_ rooms: [StreamOpening]) {
        guard edge.shared.readiness.isReady else { return connection.refuseStream(Self.comeBack(request.headers)) }
        var first = ByteBuffer(capacity: 256 * (1 + rooms.count))
        StreamFrame.append(retryMilliseconds: RetryDelay.milliseconds(), into: &first)
        var positions: [RoomPosition] = []
        for (number, opened) in rooms.enumerated() {
            if positions.last?.room != opened.room.base {
                positions.append(RoomPosition(room: opened.room.base, position: opened.position))
            }
            let reply = NativeReply.roomJoined(
                name: opened.room.name, position: opened.position, recovery: opened.recovery)
            Self.append(reply, positions: number == rooms.count - 1 ? positions : [], into: &first)
        }
        lastSent = edge.loop.now
        connection.beginEventStream(headers: request.headers, first)
        connection.streamBegan()
    }

    // MARK: Replay

    /// Sends frames of what the session has not seen. Unless they are the last, more are asked for once they are sent.
    func replay(_ frames: ByteBuffer, isLast: Bool) {
        send(frames)
        isReplayAwaited = !isLast
        askForMore()
    }

    /// Asks for the next piece of the replay, if it is time.
    func askForMore() {
        guard isReplayAwaited, !connection.isSayingGoodbye, !connection.isClosed,
            connection.queuedByteCount == 0 || connection.flushNow()
        else { return }
        isReplayAwaited = false
        edge.push(.streamWanted(connection.sessionID))
    }

    // MARK: To the client

    /// Tells of events that the client is too slow to get.
    func tell(_ skipped: SkippedFrames) { send(.streamConflated(skipped: skipped.count)) }

    /// Tells when to come back, before the stream ends. Where to is the last event's id.
    func giveTicket(_ reason: ResumeReason) {
        let delay = RetryDelay.milliseconds()
        var frames = ByteBuffer(capacity: 256)
        StreamFrame.append(retryMilliseconds: delay, into: &frames)
        Self.append(.resumeTicket(reason, retryMilliseconds: delay, rooms: []), into: &frames)
        send(frames)
    }

    /// The coordinator drains. What the client was not given yet it gets when it comes back.
    func drain() {
        _ = connection.withdraw()
        giveTicket(.drain)
        connection.endEventStream(code: CloseReason.drain.code)
    }

    /// Ends the session if its token was taken back.
    func endIfRevoked(_ revocation: Revocation) {
        let claims = request.claims
        guard isOpen, revocation.covers(user: claims.subject, issuedAt: claims.issuedAt, tokenID: claims.tokenID)
        else { return }
        edge.shared.log.sessionRevoked(peer: connection.peer, user: claims.subject)
        guard connection.isEventStream else {
            return refuse(Routes.refusal(401, Authenticator.revoked.code, Authenticator.revoked.message))
        }
        end(Authenticator.revoked)
    }

    /// The token is no longer good.
    private func end(_ refusal: Refusal) {
        connection.leaveViews()
        send(.authError(refusal))
        connection.endEventStream(code: CloseReason.policy.code)
    }

    private func send(_ reply: NativeReply) {
        var frame = ByteBuffer(capacity: 256)
        Self.append(reply, into: &frame)
        send(frame)
    }

    private func send(_ frames: ByteBuffer) {
        lastSent = edge.loop.now
        connection.send(frames)
    }

    private static func append(
        _ reply: NativeReply, positions: [RoomPosition] = [], into buffer: inout ByteBuffer
    ) {
        var data = ByteBuffer(capacity: 256)
        NativeCodec.encode(reply, into: &data)
        StreamFrame.append(type: reply.type, data: data, positions: positions, into: &buffer)
    }

    /// The answer to a request for which there is no room now: a stream that only says when to come back. Any status
    /// but 200 would be the end for a browser's EventSource.
    static func comeBack(_ headers: [(String, String)]) -> HTTPResponse {
        var body = ByteBuffer(capacity: 32)
        body.append("retry: ")
        body.append(decimal: RetryDelay.milliseconds())
        body.append("\n\n")
        return HTTPResponse(
            status: 200, headers: EdgeConnection.eventStreamHeaders + headers, body: body, closes: true)
    }

    // MARK: Deadlines

    private static let heartbeatNanoseconds = UInt64(Limits.streamHeartbeatSeconds) * 1_000_000_000

    /// When the stream has been silent for long.
    var heartbeatDue: UInt64 { max(lastSent, connection.lastShown) + Self.heartbeatNanoseconds }

    var user: UserID { request.claims.subject }

    /// Until when the session may stay.
    var expiresAt: Timestamp { request.claims.expiresAt }

    /// Ends the stream where its token has, and breaks the silence where there is one.
    func deadlineReached() {
        guard expiresAt > HubDesk.now().wall else {
            end(Refusal(.tokenExpired, "JWT token is invalid or expired"))
            return
        }
        if edge.loop.now >= heartbeatDue {
            // The peer never answers; but it takes what it is sent, unless it is gone.
            let unsent = connection.queuedByteCount + connection.unsentByteCount
            if unsentBytes > 0, unsent >= unsentBytes { return connection.close(.deadline) }
            unsentBytes = unsent
            var heartbeat = ByteBuffer(capacity: 16)
            StreamFrame.appendHeartbeat(into: &heartbeat)
            send(heartbeat)
        }
        connection.deadline = connection.nextDeadline()
    }
}
