internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// A client of the NeuroGraph dialect: greeted by its name, subscribed to channels, and awaited when it drops.
final class NeuroGraphSession: SubscriberSession {
    /// What the upgrade brought.
    struct Claim {
        var token: String?
        /// The name that the client was given on a former connection.
        var client: UUID128?
        /// Nothing of the dialect was said yet: the client was merely silent, and may still speak another one.
        var isTentative = false
    }

    private var claim: Claim?
    private var isTentative: Bool
    private var permissions: Permissions = []
    /// The name that it was given; `nil` before that.
    private var client: UUID128?
    /// Those that it is subscribed to, or will be when the Hub has answered.
    private var channels: [EventChannel] = []
    private var requests = ChannelRequests()
    /// Messages that wait until what the client left behind is found; `nil`: nothing is waited for.
    private var held: [NeuroGraphMessage]?
    /// What the client left behind, until the Hub shows what came of it.
    private var restored: ClientTable.Absence?
    /// Whether what the client has had is noted for its return.
    private var hasLeft = false
    private var isDraining = false
    private var pingsAt: UInt64 = 0

    private static let pingInterval = UInt64(Limits.neurographPingSeconds) * 1_000_000_000

    init(connection: EdgeConnection, edge: Edge, claim: Claim) {
        self.claim = claim
        isTentative = claim.isTentative
        super.init(connection: connection, edge: edge)
    }

    override var dialect: Dialect { .neurograph }

    override var clientName: UUID128? { client }

    /// There is none: the peer's own receiving and sending sets the pace.
    override var messageLimit: Int { 0 }

    private var roster: SubscriptionRoster { edge.shared.roster(.neurograph) }
    private var table: ClientTable { edge.shared.clients }

    // MARK: The beginning

    override func began() {
        guard let claim else { preconditionFailure("a session begins twice") }
        self.claim = nil
        pingsAt = edge.loop.now + Self.pingInterval
        var user = UserID("")
        var region: String?
        if let token = claim.token {
            do {
                let claims = try verify(token)
                (user, permissions, region) = (claims.subject, claims.permissions, claims.region)
            } catch {
                return refuse(error)
            }
        } else {
            guard edge.shared.configuration.isDevelopment else {
                return refuse(Refusal(.notAuthenticated, "a token is needed: connect with ?token="))
            }
            permissions = .admin
        }
        let (client, arrival) = table.arrive(
            as: claim.client, user: user, session: connection.sessionID, now: edge.loop.now)
        self.client = client
        roster.clientCame()
        send(.connected(client: client, user: self.user))
        guard !isTentative else { return table.greetedSilent(client, in: connection.sessionID) }
        open(user, permissions, region: region, roomLimit: 0)
        switch arrival {
        case .new: join([EventChannel.everybody])
        case .back(let absence): restore(absence)
        case .after(let predecessor):
            held = []
            edge.tell(predecessor, .fence(predecessor))
        }
    }

    private func refuse(_ refusal: Refusal) {
        reply(refusal)
        connection.closeWebSocket(code: CloseReason.policy.code, reason: CloseReason.policy.text)
    }

    /// A silent client has said something of the dialect.
    private func decide() {
        isTentative = false
        if let client { table.spoke(client) }
        connection.forgivePeer()
        open(UserID(""), permissions, region: nil, roomLimit: 0)
        join([EventChannel.everybody])
    }

    private func join(_ rooms: [Room]) {
        for room in rooms {
            edge.push(.joinRequested(connection.sessionID, room: room, filter: RoomFilter(), since: nil))
        }
    }

    // MARK: Coming back

    /// The former session of this client is over.
    func predecessorLeft() {
        guard held != nil, let client, let absence = table.collect(client, for: connection.sessionID) else { return }
        restore(absence)
    }

    /// Asks for what the client missed, in the channels that it may still see.
    private func restore(_ absence: ClientTable.Absence) {
        held = held ?? []
        channels = absence.channels.filter { permissions.allows($0.permission) }
        restored = absence
        let rooms = [EventChannel.everybody] + channels.flatMap(\.rooms)
        requests.append(
            ChannelRequests.Request(kind: .restore, channels: channels, changed: channels, awaited: rooms))
        guard let former = absence.session else {
            join(rooms)
            return returned(dropped: 0)
        }
        let most = edge.shared.configuration.limits.bufferedEventsPerClient
        edge.push(
            .returnRequested(
                connection.sessionID, from: former, rooms: rooms,
                limit: most > 0 ? max(1, most - absence.letters.count) : 0))
    }

    /// The Hub shows what the client missed: what it does not show is told first, and what was said to it alone.
    private func returned(dropped: UInt64) {
        let lost = dropped + (restored?.lostLetters ?? 0)
        if lost > 0 { send(.bufferOverflow(dropped: lost)) }
        for letter in restored?.letters ?? [] { connection.sendText(letter) }
        restored = nil
        let waiting = held ?? []
        held = nil
        for message in waiting { handle(message) }
    }

    /// A newer session has the client's name.
    func fence() {
        reply(Refusal(.fenced, "a newer connection goes on with this client_id"))
        connection.closeWebSocket(code: CloseReason.fenced.code, reason: CloseReason.fenced.text)
    }

    /// Something was said to this client alone.
    func take(letter: ByteBuffer) { connection.sendText(letter) }

    // MARK: From the client

    override func take(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        if isTentative, NativeCodec.isAuthentication(bytes) { return try becomeNative(bytes) }
        let message = try NeuroGraphCodec.decode(bytes)
        // Whoever waits for something is not kept from his answer, as long as there are none before it.
        if message == .ping, isTentative || held != nil { return send(.pong) }
        if isTentative { decide() }
        guard let waiting = held else { return handle(message) }
        guard waiting.count < Limits.heldMessages else {
            return reply(Refusal(.tooManyRequests, "too many messages before the client was found again"))
        }
        held?.append(message)
    }

    private func becomeNative(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        if let client { table.forget(client, session: connection.sessionID) }
        roster.clientWent([])
        client = nil
        connection.releasePlace()
        let session = NativeSession(connection: connection, edge: edge)
        connection.speak(session)
        try session.take(bytes)
    }

    private func handle(_ message: NeuroGraphMessage) {
        switch message {
        case .ping: requests.append(ChannelRequests.Request(kind: .ping, channels: []))
        case .getSubscriptions: requests.append(ChannelRequests.Request(kind: .list, channels: []))
        case .subscribe(let wanted):
            if let closed = wanted.first(where: { !permissions.allows($0.permission) }) {
                return reply(
                    Refusal(.forbidden, "the channel \(closed.name) needs a permission that the token does not give"))
            }
            let new = wanted.filter { !channels.contains($0) }
            channels += new
            let rooms = new.flatMap(\.rooms)
            requests.append(
                ChannelRequests.Request(kind: .subscribe, channels: wanted, changed: new, awaited: rooms))
            join(rooms)
        case .unsubscribe(let unwanted):
            let gone = unwanted.filter(channels.contains)
            channels.removeAll(where: gone.contains)
            let rooms = gone.flatMap(\.rooms)
            requests.append(
                ChannelRequests.Request(kind: .unsubscribe, channels: unwanted, changed: gone, awaited: rooms))
            for room in rooms { edge.push(.leaveRequested(connection.sessionID, room)) }
        }
        answerDone()
    }

    /// Answers the requests that are done, in their order.
    private func answerDone() {
        while let request = requests.takeDone() {
            switch request.kind {
            case .subscribe:
                count(request.changed)
                send(.subscribed(request.channels))
            case .restore: count(request.changed)
            case .unsubscribe:
                for channel in request.changed {
                    roster.unsubscribed(channel.name)
                    counted.removeAll { $0 == channel }
                }
                send(.unsubscribed(request.channels))
            case .list: send(.subscriptions(counted))
            case .ping: send(.pong)
            }
        }
    }

    /// Those that the statistics know of: acknowledged, in the order of their subscriptions.
    private var counted: [EventChannel] = []

    private func count(_ new: [EventChannel]) {
        for channel in new { roster.subscribed(channel.name) }
        counted += new
    }

    // MARK: Deadlines

    override var keepsHeartbeat: Bool { true }

    override func ownDeadline(since upgrade: UInt64) -> UInt64 { pingsAt }

    /// Pings, whether the client is silent or not.
    override func endIfDue(since upgrade: UInt64) -> Bool {
        guard edge.loop.now >= pingsAt else { return false }
        pingsAt = edge.loop.now + Self.pingInterval
        connection.sendFrame(.ping, UnsafeRawBufferPointer(start: nil, count: 0))
        return false
    }

    // MARK: The end

    override func drain() { isDraining = true }

    /// What the client is still owed it gets when it comes back, so that nothing is sent twice. A coordinator that
    /// stops sends everything: nobody will remember the client.
    override func leavesViews() -> Bool {
        guard !isDraining, !hasLeft, client != nil else { return false }
        leaveOnce(at: connection.withdraw(), because: connection.ending)
        return true
    }

    override func fellBehind(at positions: [RoomPosition]) { leaveOnce(at: positions, because: .slow) }

    /// Notes where the client stands. One that was not found again yet leaves what it left before.
    private func leaveOnce(at positions: [RoomPosition], because ending: ConnectionEnding) {
        guard let client, !hasLeft else { return }
        hasLeft = true
        let session = connection.sessionID
        var absence = restored
        if held == nil || absence != nil {
            leave(at: positions, because: ending)
            absence = absence ?? ClientTable.Absence()
            absence?.channels = channels
            absence?.session = session
        }
        guard let successor = table.leave(client, session: session, absence: absence, now: edge.loop.now) else {
            return
        }
        edge.tell(successor, .predecessorLeft(successor))
    }

    override func lost() {
        if let client {
            if isTentative {
                table.forget(client, session: connection.sessionID)
            } else {
                leaveOnce(at: [], because: connection.ending)
            }
            roster.clientWent(counted.map(\.name))
        }
        client = nil
        super.lost()
    }

    // MARK: From the Hub

    override func perform(_ effect: Effect) {
        switch effect {
        case .roomJoined(_, let room, _, _): answered(room)
        case .roomLeft(_, let room): answered(room)
        case .joinRefused(_, let room, let refusal):
            reply(refusal)
            answered(room)
        case .refused(_, let refusal): reply(refusal)
        case .returned(_, let dropped): returned(dropped: dropped)
        case .fellBehind: connection.overtaken()
        default: preconditionFailure("an effect that is no channel's reached one's session")
        }
    }

    private func answered(_ room: Room) {
        requests.answered(room)
        answerDone()
    }

    // MARK: To the client

    override func tellEnd(_ refusal: Refusal) { reply(refusal) }

    override func rateLimited(limit: Int, resetAfterNanoseconds: UInt64) {
        reply(Refusal(.tooManyRequests, "at most \(limit) messages a minute"))
    }

    override func reply(_ refusal: Refusal) { send(.error(refusal)) }

    private func send(_ reply: NeuroGraphReply) {
        var buffer = ByteBuffer(capacity: 256)
        NeuroGraphCodec.encode(reply, at: HubDesk.now().wall, into: &buffer)
        connection.sendText(buffer)
    }
}
