internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// A client of the native dialect: authentication, rooms, limits. (Events reach it through the fan-out.)
final class SubscriberSession {
    private unowned let connection: EdgeConnection
    private let edge: Edge
    private var messages = RateWindow()
    private var refusals = RateWindow()
    private var bytes = ByteBudget()
    /// Before that, in monotonic nanoseconds, nothing more is read.
    private(set) var resumesAt: UInt64 = 0
    /// Messages that could not be read, less those that could.
    private var badMessages = 0
    /// Until when the session may stay; `nil` before authentication.
    private(set) var expiresAt: Timestamp?
    /// Whose it is; `nil` before authentication. Kept behind the session's end for the log.
    private(set) var user: UserID?
    private var issuedAt: Timestamp?
    /// Of the token's `jti`, seeded anew at each start; 0 without one. The name itself would cost ten times as much for
    /// every session, and one in 2⁶⁴ that is closed by mistake comes back.
    private var tokenHash = 0
    private var isOpen: Bool { expiresAt != nil }

    init(connection: EdgeConnection, edge: Edge) {
        self.connection = connection
        self.edge = edge
    }

    // MARK: From the client

    /// One text message of the client.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard admit() else { return }
        do {
            let message = try NativeCodec.decode(bytes)
            badMessages = max(0, badMessages - 1)
            handle(message)
        } catch {
            refuse(error.refusal)
        }
    }

    /// A binary message: counted like any other, then refused.
    func receiveBinary() {
        guard admit() else { return }
        refuse(Refusal(.invalidMessage, "messages are JSON text"))
    }

    /// Answers a message that could not be read; who sends hardly anything else is sent away.
    private func refuse(_ refusal: Refusal) {
        edge.counters.violations[.badMessage] += 1
        badMessages += 1
        reply(refusal)
        guard badMessages >= Limits.badMessagesBeforeClose else { return }
        connection.punish(.badMessage, "messages that cannot be read")
    }

    /// Counts bytes of the client before anything is made of them.
    ///
    /// - Returns: whether no more should be read until ``resumesAt``.
    func countBytes(_ count: Int) -> Bool {
        guard let rate = edge.shared.clientRate else { return false }
        guard let wait = bytes.count(count, now: edge.loop.now, rate: rate) else { return false }
        edge.counters.violations[.byteRate] += 1
        resumesAt = edge.loop.now + wait
        return true
    }

    /// Counts the message against the documented limit.
    private func admit() -> Bool {
        let limits = edge.shared.configuration.limits
        let now = edge.loop.now
        guard let wait = messages.count(now: now, limit: limits.messagesPerConnectionPerMinute) else { return true }
        edge.counters.violations[.messageRate] += 1
        rateLimited(limit: limits.messagesPerConnectionPerMinute, resetAfterNanoseconds: wait)
        if refusals.count(now: now, limit: Limits.refusalsBeforeClose - 1) != nil {
            connection.punish(.messageRate, "rate limit ignored")
        }
        return false
    }

    private func handle(_ message: ClientMessage) {
        if case .authenticate(let token) = message {
            authenticate(token)
            return
        }
        if case .ping(let data) = message {
            send(.pong(time: HubDesk.now().wall, echo: data))
            return
        }
        guard isOpen else {
            reply(Refusal(.notAuthenticated, "authenticate first"))
            return
        }
        switch message {
        case .joinRoom(let join):
            guard let room = join.room else {
                reply(Refusal(.unknownRoom, "there is no room of that name"))
                return
            }
            edge.push(.joinRequested(connection.sessionID, room: room, filter: join.filter, since: join.since))
        case .leaveRoom(let name):
            guard let room = Room(name) else {
                reply(Refusal(.unknownRoom, "there is no room of that name"))
                return
            }
            edge.push(.leaveRequested(connection.sessionID, room))
        case .authenticate, .ping:
            break
        }
    }

    private func authenticate(_ token: String) {
        guard !isOpen else {
            reply(Refusal(.alreadyAuthenticated, "this connection is authenticated"))
            return
        }
        let now = HubDesk.now().wall
        switch edge.shared.authenticator.verify(token, now: now) {
        case .failure(let refusal):
            edge.counters.failedAuthentications += 1
            edge.shared.log.authenticationFailed(peer: connection.peer, refusal.refusal, why: refusal.why)
            send(.authError(refusal.refusal))
        case .success(let claims):
            edge.counters.authentications += 1
            expiresAt = claims.expiresAt
            user = claims.subject
            issuedAt = claims.issuedAt
            tokenHash = claims.tokenID?.hashValue ?? 0
            connection.maximumMessageBytes = edge.shared.configuration.limits.messageBytes
            connection.deadline = connection.nextDeadline()
            edge.shared.log.authenticated(peer: connection.peer, user: claims.subject)
            edge.push(
                .sessionOpened(
                    connection.sessionID,
                    Subscriber(
                        user: claims.subject, permissions: claims.permissions, region: claims.region,
                        roomLimit: edge.shared.configuration.limits.roomsPerConnection)))
            let session = connection.sessionName
            send(.authResponse(user: claims.subject, session: session, permissions: claims.permissions))
            send(.connected(connection: session, serverTime: now))
        }
    }

    // MARK: Deadlines

    /// The authentication deadline has passed, or the token's life has ended.
    ///
    /// - Returns: whether the session is over.
    func endIfDue(now: Timestamp, since upgrade: UInt64) -> Bool {
        if let expiresAt {
            guard expiresAt <= now else { return false }
            send(.authError(Refusal(.tokenExpired, "JWT token is invalid or expired")))
        } else {
            guard edge.loop.now >= upgrade + UInt64(Limits.authenticationSeconds) * 1_000_000_000 else { return false }
            send(.authError(Refusal(.authTimeout, "no authentication in time")))
        }
        connection.closeWebSocket(code: CloseReason.policy.code, reason: CloseReason.policy.text)
        return true
    }

    /// Ends the session if its token was taken back.
    func endIfRevoked(_ revocation: Revocation) {
        guard isOpen, let user else { return }
        switch revocation.subject {
        case .token(let id): guard id.hashValue == tokenHash else { return }
        case .user: guard revocation.covers(user: user, issuedAt: issuedAt, tokenID: nil) else { return }
        }
        edge.shared.log.sessionRevoked(peer: connection.peer, user: user)
        send(.authError(Authenticator.revoked))
        connection.closeWebSocket(code: CloseReason.policy.code, reason: "revoked")
    }

    /// The connection is gone.
    func lost() {
        if isOpen { edge.push(.sessionClosed(connection.sessionID)) }
        expiresAt = nil
    }

    // MARK: From the Hub

    /// Carries out one of the Hub's effects on this session.
    func perform(_ effect: Effect) {
        switch effect {
        case .roomJoined(_, let room, let position, let recovery):
            send(.roomJoined(name: room.name, position: position, recovery: recovery))
        case .fellBehind:
            connection.overtaken()
        case .roomLeft(_, let room):
            send(.roomLeft(name: room.name))
        case .refused(_, let refusal):
            reply(refusal)
        case .roomLimit(_, let limit):
            rateLimited(limit: limit, resetAfterNanoseconds: 0)
        default:
            preconditionFailure("an effect for an agent reached a subscriber")
        }
    }

    /// Tells that the coordinator drains and when to try again, from where on.
    func drain(at positions: [RoomPosition]) {
        let delay = RetryDelay.milliseconds()
        send(.error(Refusal(.connectionFailed, "the coordinator is shutting down"), retryMilliseconds: delay))
        if isOpen { send(.resumeTicket(.drain, retryMilliseconds: delay, rooms: positions)) }
    }

    /// Tells from where on to resume, before the connection is closed.
    func giveTicket(_ reason: ResumeReason, _ positions: [RoomPosition]) {
        send(.resumeTicket(reason, retryMilliseconds: RetryDelay.milliseconds(), rooms: positions))
    }

    /// Tells of events that the client is too slow to get.
    func tell(_ skipped: SkippedFrames, in room: BaseRoom) {
        send(.conflated(room: room, skipped: skipped.count, from: skipped.fromOffset, to: skipped.toOffset))
    }

    private func rateLimited(limit: Int, resetAfterNanoseconds: UInt64) {
        let reset = HubDesk.now().wall.adding(milliseconds: Int64((resetAfterNanoseconds + 999_999) / 1_000_000))
        send(.rateLimitExceeded(message: "Rate limit exceeded", resetTime: reset, limit: limit, remaining: 0))
    }

    private func reply(_ refusal: Refusal) {
        send(.error(refusal, retryMilliseconds: nil))
    }

    private func send(_ reply: NativeReply) {
        var buffer = ByteBuffer(capacity: 256)
        NativeCodec.encode(reply, into: &buffer)
        connection.sendText(buffer)
    }
}
