internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// A client of the QUBIX dialect: subscriptions from the first message on, with a token or without.
final class QubixSession: SubscriberSession {
    /// What the upgrade brought; `nil` once it was looked at.
    private var token: String?
    /// Whether the market is open to who brings none.
    private let opensMarket: Bool
    private var maySeeMarket = false
    /// Whether the statistics count the session.
    private var isCounted = false
    /// Those that were acknowledged.
    private var subscriptions: [QubixSubscription] = []
    /// Wishes that the Hub has not answered.
    private var asked = 0
    private var watch: PingWatch

    /// - Parameters:
    ///   - token: of the upgrade, not looked at yet.
    ///   - opensMarket: whether the market is open to who brings none.
    init(connection: EdgeConnection, edge: Edge, token: String?, opensMarket: Bool) {
        self.token = token
        self.opensMarket = opensMarket
        watch = PingWatch(now: edge.loop.now)
        super.init(connection: connection, edge: edge)
    }

    override var dialect: Dialect { .qubix }

    private var roster: SubscriptionRoster { edge.shared.roster(.qubix) }

    /// A token that is not good is told of and counts as none: the upgrade always succeeds (EVENTS 15).
    override func began() {
        watch = PingWatch(now: edge.loop.now)
        isCounted = true
        roster.clientCame()
        var permissions: Permissions = opensMarket ? .nodeRead : []
        var subject = UserID("")
        var region: String?
        var refusal: Refusal?
        if let token {
            self.token = nil
            do {
                let claims = try verify(token)
                permissions.formUnion(claims.permissions)
                (subject, region) = (claims.subject, claims.region)
            } catch {
                refusal = error
            }
        }
        maySeeMarket = permissions.allows(.nodeRead)
        if maySeeMarket || user != nil { open(subject, permissions, region: region, roomLimit: 0) }
        if maySeeMarket { join(QubixSubscription.arrivals) }
        if let refusal { reply(refusal) }
    }

    private func join(_ room: Room) {
        edge.push(.joinRequested(connection.sessionID, room: room, filter: RoomFilter(), since: nil))
    }

    // MARK: From the client

    override func take(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        switch try QubixCodec.decode(bytes) {
        case .ping:
            watch.pinged(now: edge.loop.now)
            send(.pong)
        case .subscribe(let subscription): subscribe(subscription)
        case .unsubscribe(let id): unsubscribe(id)
        }
    }

    private func subscribe(_ subscription: QubixSubscription) {
        if let refusal = refusal(of: subscription) { return reply(refusal) }
        let limit = edge.shared.configuration.limits.subscriptionsPerClient
        guard limit == 0 || subscriptions.count + asked < limit || subscriptions.contains(subscription) else {
            edge.counters.violations[.subscriptions] += 1
            return reply(Refusal(.tooManyRequests, "a client has at most \(limit) subscriptions"))
        }
        guard let room = subscription.room else { return confirm(subscription) }
        asked += 1
        join(room)
    }

    /// Why the client may not even ask; `nil` where it may.
    private func refusal(of subscription: QubixSubscription) -> Refusal? {
        switch subscription {
        case .marketplace, .provider, .nobody:
            if maySeeMarket { return nil }
            guard user != nil else { return Refusal(.notAuthenticated, "the marketplace needs a token here") }
            return Refusal(.forbidden, "the marketplace needs a permission that the token does not give")
        case .job:
            return user == nil ? Refusal(.notAuthenticated, "jobs need a token") : nil
        }
    }

    private func confirm(_ subscription: QubixSubscription) {
        if !subscriptions.contains(subscription) {
            subscriptions.append(subscription)
            roster.subscribed(subscription.id)
        }
        send(.subscribed(subscription))
    }

    private func unsubscribe(_ id: String) {
        let subscription = QubixSubscription(id: id)
        guard let subscription, subscriptions.contains(subscription) || asked > 0 && subscription.room != nil else {
            return reply(Refusal(.notInRoom, "there is no subscription of that subscriptionId"))
        }
        if let room = subscription.room {
            edge.push(.leaveRequested(connection.sessionID, room))
        } else {
            end(subscription)
        }
    }

    private func end(_ subscription: QubixSubscription) {
        if let place = subscriptions.firstIndex(of: subscription) {
            subscriptions.remove(at: place)
            roster.unsubscribed(subscription.id)
        }
        send(.unsubscribed(subscription))
    }

    // MARK: Deadlines

    override var keepsHeartbeat: Bool { true }

    override func ownDeadline(since upgrade: UInt64) -> UInt64 { watch.nextLook }

    /// Looks whether the client has pinged; what nobody has read yet, or could not, is not its silence.
    override func endIfDue(since upgrade: UInt64) -> Bool {
        let now = edge.loop.now
        let isHeard = !edge.isCongested && now >= resumesAt && !connection.hasUnreadInput
        guard watch.isOver(now: now, isHeard: isHeard, wakefulSince: edge.loop.wakefulSince) else { return false }
        connection.closeWebSocket(code: CloseReason.noPing.code, reason: CloseReason.noPing.text)
        return true
    }

    override func lost() {
        if isCounted { roster.clientWent(subscriptions.map(\.id)) }
        isCounted = false
        subscriptions = []
        super.lost()
    }

    // MARK: From the Hub

    override func perform(_ effect: Effect) {
        switch effect {
        case .roomJoined(_, let room, _, _):
            // Nobody asked for the arrivals: they come to whoever may look at the market.
            guard let subscription = QubixSubscription(room: room) else { return }
            asked -= 1
            confirm(subscription)
        case .joinRefused(_, _, let refusal):
            asked -= 1
            reply(refusal)
        case .roomLeft(_, let room):
            guard let subscription = QubixSubscription(room: room) else { return }
            end(subscription)
        case .refused(_, let refusal):
            reply(refusal)
        default:
            preconditionFailure("an effect that is no subscription's reached one's session")
        }
    }

    // MARK: To the client

    override func tellEnd(_ refusal: Refusal) { reply(refusal) }

    override func rateLimited(limit: Int, resetAfterNanoseconds: UInt64) {
        let seconds = (resetAfterNanoseconds + 999_999_999) / 1_000_000_000
        reply(Refusal(.tooManyRequests, "at most \(limit) messages a minute; the next one in \(seconds) s"))
    }

    override func reply(_ refusal: Refusal) { send(.error(refusal)) }

    private func send(_ reply: QubixReply) {
        var buffer = ByteBuffer(capacity: 256)
        QubixCodec.encode(reply, at: HubDesk.now().wall, into: &buffer)
        connection.sendText(buffer)
    }
}
