internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// An EyeNet client in one namespace: who it is, what it subscribes to, and the events on their way to it.
///
/// It has a place of its own in the loop's table, so it stays the same session for the Hub and the fan-out while its
/// transport changes from long-polling to a WebSocket.
final class EyeNetSession: SubscriberChannel {
    private unowned let link: EyeNetLink
    private unowned let edge: Edge
    private let namespace: Int
    /// What stands before an event's array.
    private let prefix: ByteBuffer
    private let key: PayloadKey?
    private let user: UserID
    private let expiresAt: Timestamp
    private let issuedAt: Timestamp?
    /// Of the token's `jti`; 0 without one.
    private let tokenHash: Int
    private var book = EyeNetBook()
    private var ending = ConnectionEnding.lost
    private var pacer = MetricsPacer()

    /// - Parameter key: for which sensitive fields are encrypted.
    init(link: EyeNetLink, namespace: Int, claims: TokenClaims, key: PayloadKey?) {
        self.link = link
        edge = link.edge
        self.namespace = namespace
        self.key = key
        prefix = link.prefix(of: namespace)
        user = claims.subject
        expiresAt = claims.expiresAt
        issuedAt = claims.issuedAt
        tokenHash = claims.tokenID?.hashValue ?? 0
        super.init(withoutSocketFor: link.peer)
    }

    /// The session's identity for the Hub.
    var sessionID: SessionID {
        SessionAddress(
            loop: edge.index, framing: .message, dialect: .eyenet, slot: slot, generation: generation
        ).id
    }

    /// The session's name for its client.
    var name: UUID128 {
        UUID128(randomHigh: edge.shared.bootID, randomLow: sessionID.bits &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Subscriptions that there are or may be when the Hub has answered.
    var subscriptionCount: Int { book.count }

    /// Makes the session known to the Hub.
    func open(_ claims: TokenClaims) {
        edge.push(
            .sessionOpened(
                sessionID,
                Subscriber(
                    user: claims.subject, permissions: claims.permissions, audience: Dialect.eyenet.rawValue,
                    region: claims.region, roomLimit: 0)))
        rearm()
    }

    // MARK: From the client

    /// One event that was admitted.
    func take(_ packet: SocketIOPacket) {
        do throws(WireError) {
            switch try EyeNetCodec.decode(packet) {
            case .subscribe(let subscription): subscribe(subscription, packet.id)
            case .unsubscribe(let subscription): unsubscribe(subscription, packet.id)
            }
        } catch {
            edge.counters.violations[.badMessage] += 1
            refuse(error.refusal, packet.id)
        }
    }

    private func subscribe(_ subscription: EyeNetSubscription, _ id: UInt64?) {
        let limit = edge.shared.configuration.limits.subscriptionsPerClient
        guard limit == 0 || link.subscriptionCount < limit || book.holds(subscription) else {
            edge.counters.violations[.subscriptions] += 1
            end(Refusal(.tooManyRequests, "a client has at most \(limit) subscriptions"))
            return
        }
        for room in subscription.rooms {
            edge.push(.joinRequested(sessionID, room: room, filter: RoomFilter(), since: nil))
        }
        note(book.ask(.subscribed, subscription, id))
    }

    private func unsubscribe(_ subscription: EyeNetSubscription, _ id: UInt64?) {
        guard book.holds(subscription) else {
            return refuse(Refusal(.notInRoom, "there is no subscription to \(subscription.channel)"), id)
        }
        for room in subscription.rooms { edge.push(.leaveRequested(sessionID, room)) }
        note(book.ask(.unsubscribed, subscription, id))
    }

    /// Tells the client what became of a wish, once all is known of it.
    private func note(_ wish: EyeNetBook.Wish?) {
        guard let wish else { return }
        if let refusal = wish.refusal { return refuse(refusal, wish.id) }
        if let id = wish.id {
            link.acknowledge(id, in: namespace) { EyeNetCodec.acknowledge(wish.outcome, wish.subscription, to: &$0) }
        } else {
            link.emit(wish.outcome.event, in: namespace) {
                EyeNetCodec.acknowledge(wish.outcome, wish.subscription, to: &$0)
            }
        }
    }

    private func refuse(_ refusal: Refusal, _ id: UInt64?) {
        tell(refusal)
        if let id { link.acknowledge(id, in: namespace) { EyeNetCodec.acknowledge(refusal, to: &$0) } }
    }

    /// Tells the client of something by the event `error`.
    func tell(_ refusal: Refusal) {
        link.emit("error", in: namespace) { EyeNetCodec.error(refusal, at: HubDesk.now().wall, to: &$0) }
    }

    // MARK: From the Hub

    func perform(_ effect: Effect) {
        switch effect {
        case .roomJoined(_, let room, _, _): note(book.settle(.subscribed, room, refusal: nil))
        case .joinRefused(_, let room, let refusal): note(book.settle(.subscribed, room, refusal: refusal))
        case .roomLeft(_, let room): note(book.settle(.unsubscribed, room, refusal: nil))
        case .refused(_, let refusal): note(book.settleUnjoined(refusal))
        default: preconditionFailure("an effect that is no subscription's reached one's session")
        }
    }

    // MARK: Events

    override func handed(_ message: UnsafeRawBufferPointer, _ note: FrameNote) {
        guard note.subject != 0 else { return deliver(message) }
        // Mostly nothing waits and the reading may go at once, as it is.
        if pacer.isEmpty, hasRoom, link.readings.count(now: loop.now, limit: readingsPerMinute) == nil {
            return deliver(message)
        }
        pacer.hold(message, of: note.subject)
        sendHeld()
    }

    private var readingsPerMinute: Int { edge.shared.configuration.limits.eventsPerClientPerMinute }
    private var hasRoom: Bool { !isClosed && link.waitingByteCount < Limits.eyenetWaitingBytes }

    /// Sends readings as far as the limit and the client's own pace allow; the newest of each device waits.
    private func sendHeld() {
        let limit = readingsPerMinute
        while hasRoom, let message = pacer.next(&link.readings, now: loop.now, limit: limit) {
            message.withBytes { deliver($0) }
        }
        rearm()
    }

    /// The transport has room again.
    func relieved() { if !pacer.isEmpty { sendHeld() } }

    private func deliver(_ message: UnsafeRawBufferPointer) {
        guard let key, EyeNetSealing.concerns(message) else { return link.relay(prefix, message) }
        var sealed = ByteBuffer(capacity: message.count + 1024)
        EyeNetSealing.seal(message, into: &sealed) { value, writer in key.encrypt(value, into: &writer) }
        edge.counters.sealedEvents += 1
        sealed.withBytes { link.relay(prefix, $0) }
    }

    // MARK: Deadlines

    private static let second: UInt64 = 1_000_000_000

    /// When something is due: the token's end, or the next reading.
    private func rearm() {
        guard !isClosed else { return }
        let expiry = edge.expiry(of: expiresAt)
        guard !pacer.isEmpty else { return deadline = expiry }
        let limit = readingsPerMinute
        let wait =
            link.readings.remaining(now: loop.now, limit: limit) > 0
            ? 0 : link.readings.wait(now: loop.now, limit: limit)
        // Who takes nothing is looked at again, even if its transport says nothing.
        deadline = min(expiry, loop.now + max(wait, Self.second / 4))
    }

    override func deadlineReached() {
        guard expiresAt > HubDesk.now().wall else {
            end(Refusal(.tokenExpired, "JWT token is invalid or expired"))
            return
        }
        sendHeld()
    }

    // MARK: The end

    /// Tells the client why, and puts it out of the namespace. It may come back over the same transport.
    func end(_ refusal: Refusal) {
        guard !isClosed else { return }
        tell(refusal)
        link.disconnect(namespace)
        link.forget(namespace)
        close(because: .policy)
    }

    /// It is over: its client left, or has no transport any more.
    func close(because ending: ConnectionEnding) {
        self.ending = ending
        close()
    }

    /// Ends the session if its token was taken back.
    func endIfRevoked(_ revocation: Revocation) {
        switch revocation.subject {
        case .token(let id): guard id.hashValue == tokenHash else { return }
        case .user: guard revocation.covers(user: user, issuedAt: issuedAt, tokenID: nil) else { return }
        }
        edge.shared.log.sessionRevoked(peer: peer, user: user)
        end(Authenticator.revoked)
    }

    override func closed(_ cause: CloseCause) {
        super.closed(cause)
        edge.push(.sessionClosed(sessionID, because: ending))
    }
}
