internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// A client that subscribes over a WebSocket, in one dialect: a subclass each. (Events reach it through the fan-out.)
///
/// Here is what they have in common: who the client is and until when, how much it may send, and the end of both. A
/// subclass says what the client's messages mean and in what words it is answered. What it adds to the stored fields
/// costs memory for every session of its dialect.
class SubscriberSession {
    unowned let connection: EdgeConnection
    let edge: Edge
    private var messages = RateWindow()
    private var refusals = RateWindow()
    private var bytes = ByteBudget()
    /// Before that, in monotonic nanoseconds, nothing more is read.
    private(set) var resumesAt: UInt64 = 0
    /// Messages that could not be read, less those that could.
    private var badMessages = 0
    /// Until when the session may stay; `nil` without a token.
    private(set) var expiresAt: Timestamp?
    /// Whether the Hub knows the session.
    private(set) var isOpen = false
    /// Whose it is; `nil` for nobody's. Kept behind the session's end for the log.
    private(set) var user: UserID?
    private var issuedAt: Timestamp?
    /// Of the token's `jti`, seeded anew at each start; 0 without one. The name itself would cost ten times as much for
    /// every session, and one in 2⁶⁴ that is closed by mistake comes back.
    private var tokenHash = 0

    init(connection: EdgeConnection, edge: Edge) {
        self.connection = connection
        self.edge = edge
    }

    // MARK: What a dialect decides

    /// What the client is told in.
    var dialect: Dialect { Self.undecided() }

    /// The connection has been upgraded.
    func began() {}

    /// One text message that was admitted.
    func take(_ bytes: UnsafeRawBufferPointer) throws(WireError) { Self.undecided() }

    /// Answers a message or a wish that is refused; the connection stays.
    func reply(_ refusal: Refusal) { Self.undecided() }

    /// Answers what is more than `limit` of its kind; there is room again after so long.
    func rateLimited(limit: Int, resetAfterNanoseconds: UInt64) { Self.undecided() }

    /// Says why the session ends; the close frame follows.
    func tellEnd(_ refusal: Refusal) { Self.undecided() }

    /// Carries out one of the Hub's effects on this session.
    func perform(_ effect: Effect) { Self.undecided() }

    /// The coordinator drains; the close frame follows.
    func drain() {}

    /// The client is too slow to stay, and was given everything up to there; the close frame follows.
    func fellBehind(at positions: [RoomPosition]) {}

    /// Tells of events that the client is too slow to get.
    func tell(_ skipped: SkippedFrames, in room: BaseRoom) {}

    /// When something of the session's own is due, beside its token's end; `.max`: nothing.
    func ownDeadline(since upgrade: UInt64) -> UInt64 { .max }

    /// What the client was told that it is called; `nil`: the session's name.
    var clientName: UUID128? { nil }

    /// Messages that the client may send a minute; 0 = no limit.
    var messageLimit: Int { edge.shared.configuration.limits.messagesPerConnectionPerMinute }

    /// The connection is about to leave its views, behind which a close frame follows or the end.
    ///
    /// - Returns: whether the session has left them itself, without what they still owe.
    func leavesViews() -> Bool { false }

    /// Whether the peer is pinged where it is silent.
    var keepsHeartbeat: Bool { isOpen }

    /// Ends the session if what is due by now asks for that. - Returns: whether it is over.
    func endIfDue(since upgrade: UInt64) -> Bool { false }

    /// The connection is gone. Subclasses that override call `super`.
    func lost() {
        if isOpen { edge.push(.sessionClosed(connection.sessionID, because: connection.ending)) }
        isOpen = false
        expiresAt = nil
    }

    private static func undecided() -> Never { preconditionFailure("a dialect leaves open what it has to decide") }

    // MARK: From the client

    /// One text message of the client.
    final func receive(_ bytes: UnsafeRawBufferPointer) {
        guard admit() else { return }
        do {
            try take(bytes)
            badMessages = max(0, badMessages - 1)
        } catch {
            refuse(error.refusal)
        }
    }

    /// A binary message: counted like any other, then refused.
    final func receiveBinary() {
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
    final func countBytes(_ count: Int) -> Bool {
        guard let rate = edge.shared.clientRate else { return false }
        guard let wait = bytes.count(count, now: edge.loop.now, rate: rate) else { return false }
        edge.counters.violations[.byteRate] += 1
        resumesAt = edge.loop.now + wait
        return true
    }

    /// Counts the message against the documented limit: a connection's own, unless the dialect says otherwise.
    func admit() -> Bool {
        let limit = messageLimit
        guard let wait = messages.count(now: edge.loop.now, limit: limit) else { return true }
        refuse(limit: limit, waitNanoseconds: wait)
        return false
    }

    /// Answers a message that is one too many; who goes on sending them is sent away.
    final func refuse(limit: Int, waitNanoseconds: UInt64) {
        edge.counters.violations[.messageRate] += 1
        rateLimited(limit: limit, resetAfterNanoseconds: waitNanoseconds)
        if refusals.count(now: edge.loop.now, limit: Limits.refusalsBeforeClose - 1) != nil {
            connection.punish(.messageRate, "rate limit ignored")
        }
    }

    // MARK: Who it is

    /// Makes the session a user's who was let in by another thing than a token.
    final func identify(_ user: UserID) {
        self.user = user
        connection.maximumMessageBytes = edge.shared.configuration.limits.messageBytes
        edge.shared.log.authenticated(peer: connection.peer, user: user)
    }

    /// Checks a token. One that is good makes the session its subject's.
    final func verify(_ token: String) throws(Refusal) -> TokenClaims {
        let claims = try claims(of: token)
        adopt(claims)
        return claims
    }

    /// Checks a token that is to take the place of the present one: of the same user, and good for no shorter.
    ///
    /// - Parameter check: throws where what else it says does not fit the session.
    final func renew(
        _ token: String, _ check: (TokenClaims) throws(Refusal) -> Void
    ) throws(Refusal) -> TokenClaims {
        let claims = try claims(of: token)
        guard claims.subject == user else {
            throw Refusal(.alreadyAuthenticated, "this connection is another user's")
        }
        guard claims.expiresAt >= expiresAt ?? claims.expiresAt else {
            throw Refusal(.alreadyAuthenticated, "this connection has a token that is good for longer")
        }
        try check(claims)
        adopt(claims)
        connection.deadline = connection.nextDeadline()
        return claims
    }

    private func claims(of token: String) throws(Refusal) -> TokenClaims {
        switch edge.shared.authenticator.verify(token, now: HubDesk.now().wall) {
        case .failure(let rejection):
            edge.counters.failedAuthentications += 1
            edge.shared.log.authenticationFailed(peer: connection.peer, rejection.refusal, why: rejection.why)
            throw rejection.refusal
        case .success(let claims):
            return claims
        }
    }

    private func adopt(_ claims: TokenClaims) {
        edge.counters.authentications += 1
        expiresAt = claims.expiresAt
        user = claims.subject
        issuedAt = claims.issuedAt
        tokenHash = claims.tokenID?.hashValue ?? 0
        connection.maximumMessageBytes = edge.shared.configuration.limits.messageBytes
        edge.shared.log.authenticated(peer: connection.peer, user: claims.subject)
    }

    /// Makes the session known to the Hub.
    ///
    /// - Parameters:
    ///   - user: who is nobody has an empty name, which no token can give.
    ///   - roomLimit: rooms of the Hub that it may be in at once; 0 = no limit.
    final func open(_ user: UserID, _ permissions: Permissions, region: String?, roomLimit: Int) {
        isOpen = true
        connection.deadline = connection.nextDeadline()
        edge.push(
            .sessionOpened(
                connection.sessionID,
                Subscriber(
                    user: user, permissions: permissions, audience: dialect.rawValue, region: region,
                    roomLimit: roomLimit, client: connection.clientFacts(dialect, named: clientName))))
    }

    /// The Hub is to keep what comes for a client that may come back: to it the session is over.
    ///
    /// - Parameters:
    ///   - positions: up to where the client was given the logs of its rooms.
    ///   - ending: why the connection is about to end.
    final func leave(at positions: [RoomPosition], because ending: ConnectionEnding) {
        if isOpen { edge.push(.sessionLeft(connection.sessionID, at: positions, because: ending)) }
        isOpen = false
    }

    // MARK: The end

    /// Ends the session if its token has, or if something of its own is due. - Returns: whether it is over.
    final func endIfOver(since upgrade: UInt64) -> Bool {
        if let expiresAt, expiresAt <= HubDesk.now().wall {
            tellEnd(Refusal(.tokenExpired, "JWT token is invalid or expired"))
            connection.closeWebSocket(code: CloseReason.policy.code, reason: CloseReason.policy.text)
            return true
        }
        return endIfDue(since: upgrade)
    }

    /// Ends the session if its token was taken back. Who shows none has nothing to be taken back by that.
    final func endIfRevoked(_ revocation: Revocation) {
        guard isOpen, expiresAt != nil, let user else { return }
        switch revocation.subject {
        case .token(let id): guard id.hashValue == tokenHash else { return }
        case .user: guard revocation.covers(user: user, issuedAt: issuedAt, tokenID: nil) else { return }
        }
        edge.shared.log.sessionRevoked(peer: connection.peer, user: user)
        tellEnd(Authenticator.revoked)
        connection.closeWebSocket(code: CloseReason.policy.code, reason: "revoked")
    }
}
