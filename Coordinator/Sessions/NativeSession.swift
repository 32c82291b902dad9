internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// A client of the native dialect: authentication first, then rooms.
final class NativeSession: SubscriberSession {
    /// Whether nothing was said yet that only this dialect has: on a bare `/ws` the client may speak NeuroGraph.
    private var isUndecided = true

    override var dialect: Dialect { .native }

    /// What the token gave that the session was opened with.
    private var permissions: Permissions = []

    // MARK: From the client

    override func take(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        if isUndecided, NeuroGraphCodec.isDecisive(bytes) {
            try becomeNeuroGraph()?.take(bytes)
            return
        }
        let message = try NativeCodec.decode(bytes)
        if case .ping = message {} else { isUndecided = false }
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

    /// The first message is one that only NeuroGraph has, or there was none for so long that the client waits to be
    /// greeted, as that dialect's do (EVENTS 1). Without development mode it needs a token, which its upgrade did not
    /// bring: the client is told so in its own words, and may still authenticate in ours.
    ///
    /// - Returns: the session that takes this one's place, if one does.
    private func becomeNeuroGraph() -> NeuroGraphSession? {
        func refuse(_ refusal: Refusal) {
            var buffer = ByteBuffer(capacity: 256)
            NeuroGraphCodec.encode(.error(refusal), at: HubDesk.now().wall, into: &buffer)
            connection.sendText(buffer)
        }
        guard edge.shared.configuration.isDevelopment else {
            refuse(Refusal(.notAuthenticated, "a token is needed: connect with ?token="))
            return nil
        }
        guard connection.takePlace() else {
            refuse(Refusal(.tooManyRequests, "as many connections speak this dialect as may"))
            connection.closeWebSocket(code: CloseReason.tryLater.code, reason: CloseReason.tryLater.text)
            return nil
        }
        let session = NeuroGraphSession(
            connection: connection, edge: edge, claim: NeuroGraphSession.Claim(isTentative: true))
        connection.speak(session)
        return session
    }

    private func authenticate(_ token: String) {
        guard !isOpen else { return renew(token) }
        do {
            let claims = try verify(token)
            permissions = claims.permissions
            open(
                claims.subject, claims.permissions, region: claims.region,
                roomLimit: edge.shared.configuration.limits.roomsPerConnection)
            let session = connection.sessionName
            send(.authResponse(user: claims.subject, session: session, permissions: claims.permissions))
            send(.connected(connection: session, serverTime: HubDesk.now().wall))
        } catch {
            refuseToken(error)
        }
    }

    /// Says that a token is not taken, in the document's one code for a token that is "invalid or expired". What a
    /// session's own end is called it leaves open: that is `TOKEN_EXPIRED`.
    private func refuseToken(_ refusal: Refusal) {
        var refusal = refusal
        if refusal.code == .tokenExpired { refusal.code = .invalidToken }
        send(.authError(refusal))
    }

    /// A token of the same user takes the place of the present one, and the session goes on with its rooms; whatever is
    /// wrong with it leaves everything as it was.
    private func renew(_ token: String) {
        do {
            let claims = try renew(token) { claims throws(Refusal) in
                // Rooms were joined with these, and nobody looks at them again.
                guard claims.permissions == permissions else {
                    throw Refusal(.alreadyAuthenticated, "other permissions need a connection of their own")
                }
            }
            send(
                .authResponse(
                    user: claims.subject, session: connection.sessionName, permissions: claims.permissions))
        } catch {
            if error.code == .alreadyAuthenticated { reply(error) } else { refuseToken(error) }
        }
    }

    // MARK: Deadlines

    private func authenticationDue(since upgrade: UInt64) -> UInt64 {
        upgrade + UInt64(Limits.authenticationSeconds) * 1_000_000_000
    }

    /// When a developer's client that says nothing is taken for one that waits to be greeted.
    private func greetingDue(since upgrade: UInt64) -> UInt64 {
        guard isUndecided, edge.shared.configuration.isDevelopment else { return .max }
        return upgrade + UInt64(Limits.undecidedSeconds) * 1_000_000_000
    }

    override func ownDeadline(since upgrade: UInt64) -> UInt64 {
        guard !isOpen else { return .max }
        let greeting = greetingDue(since: upgrade)
        // What it may have said is still to be read.
        if greeting <= edge.loop.now { return edge.loop.now + 1_000_000_000 }
        return min(greeting, authenticationDue(since: upgrade))
    }

    override func endIfDue(since upgrade: UInt64) -> Bool {
        if !isOpen, edge.loop.now >= greetingDue(since: upgrade) {
            guard !edge.isCongested, edge.loop.now >= resumesAt, !connection.hasUnreadInput else { return false }
            _ = becomeNeuroGraph()
            return true
        }
        guard !isOpen, edge.loop.now >= authenticationDue(since: upgrade) else { return false }
        tellEnd(Refusal(.authTimeout, "no authentication in time"))
        connection.closeWebSocket(code: CloseReason.policy.code, reason: CloseReason.policy.text)
        return true
    }

    // MARK: From the Hub

    override func perform(_ effect: Effect) {
        switch effect {
        case .roomJoined(_, let room, let position, let recovery):
            send(.roomJoined(name: room.name, position: position, recovery: recovery))
        case .fellBehind:
            connection.overtaken()
        case .roomLeft(_, let room):
            send(.roomLeft(name: room.name))
        case .refused(_, let refusal), .joinRefused(_, _, let refusal):
            reply(refusal)
        case .roomLimit(_, let limit):
            rateLimited(limit: limit, resetAfterNanoseconds: 0)
        default:
            preconditionFailure("an effect for an agent reached a subscriber")
        }
    }

    /// Tells when to try again, from where on.
    override func drain() {
        let positions = connection.resumable(connection.withdraw())
        let delay = RetryDelay.milliseconds()
        send(.error(Refusal(.connectionFailed, "the coordinator is shutting down"), retryMilliseconds: delay))
        if isOpen { send(.resumeTicket(.drain, retryMilliseconds: delay, rooms: positions)) }
    }

    override func fellBehind(at positions: [RoomPosition]) {
        send(
            .resumeTicket(
                .slow, retryMilliseconds: RetryDelay.milliseconds(), rooms: connection.resumable(positions)))
    }

    override func tell(_ skipped: SkippedFrames, in room: BaseRoom) {
        send(.conflated(room: room, skipped: skipped.count, from: skipped.fromOffset, to: skipped.toOffset))
    }

    override func tellEnd(_ refusal: Refusal) { send(.authError(refusal)) }

    override func rateLimited(limit: Int, resetAfterNanoseconds: UInt64) {
        let reset = HubDesk.now().wall.adding(milliseconds: Int64((resetAfterNanoseconds + 999_999) / 1_000_000))
        send(.rateLimitExceeded(message: "Rate limit exceeded", resetTime: reset, limit: limit, remaining: 0))
    }

    override func reply(_ refusal: Refusal) {
        send(.error(refusal, retryMilliseconds: nil))
    }

    private func send(_ reply: NativeReply) {
        var buffer = ByteBuffer(capacity: 256)
        NativeCodec.encode(reply, into: &buffer)
        connection.sendText(buffer)
    }
}
