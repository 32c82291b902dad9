internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Wire

/// A client of the TriggerX dialect: an API key let it in, and it speaks for the key's owner alone.
final class TriggerXSession: SubscriberSession {
    private let bearer: APIKeyTable.Bearer
    /// Whether the statistics count the session.
    private var isCounted = false
    /// Those that were acknowledged.
    private var rooms: [TriggerXRoom] = []
    /// Subscriptions that the Hub has not answered.
    private var asked = 0
    /// Rooms that the Hub was asked to take the session out of, until that is acknowledged.
    private var leaving: [TriggerXRoom] = []
    /// Of these, how many the session was not in, as the Hub said without naming them.
    private var vainLeaves = 0

    /// - Parameter bearer: who was let in, in this very turn of the loop.
    init(connection: EdgeConnection, edge: Edge, bearer: APIKeyTable.Bearer) {
        self.bearer = bearer
        super.init(connection: connection, edge: edge)
    }

    override var dialect: Dialect { .triggerx }

    private var roster: SubscriptionRoster { edge.shared.roster(.triggerx) }

    override func began() {
        isCounted = true
        roster.clientCame()
        identify(bearer.owner)
        open(bearer.owner, .taskSubmit, region: nil, roomLimit: 0)
    }

    // MARK: From the client

    /// The key's rate counts, all its connections and requests together, and not the connection's (EVENTS 2).
    override func admit() -> Bool {
        // The key's term may be over while this loop has not come to look.
        guard !endIfExpired() else { return false }
        switch edge.shared.apiKeys.count(bearer.id, now: edge.loop.now) {
        case .allowed: return true
        case .tooFrequent(let wait):
            refuse(limit: bearer.ratePerMinute, waitNanoseconds: wait)
            return false
        case .revoked:
            // The word of it is on its way to this loop.
            endIfOpened(with: bearer.id)
            return false
        }
    }

    override func take(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        switch try TriggerXCodec.decode(bytes) {
        case .subscribe(let name):
            guard let room = room(name) else { return }
            subscribe(room)
        case .unsubscribe(let name):
            guard let room = room(name) else { return }
            unsubscribe(room)
        }
    }

    private func room(_ name: String) -> TriggerXRoom? {
        if let room = TriggerXRoom(name) { return room }
        send(.error(TriggerXError(.invalidRoom, "A room is job:{job_id}, task:{task_id} or user:{user_id}")))
        return nil
    }

    private func subscribe(_ room: TriggerXRoom) {
        let limit = edge.shared.configuration.limits.subscriptionsPerClient
        guard limit == 0 || rooms.count + asked < limit || rooms.contains(room) else {
            edge.counters.violations[.subscriptions] += 1
            return reply(Refusal(.tooManyRequests, "A connection is in at most \(limit) rooms"))
        }
        asked += 1
        edge.push(.joinRequested(connection.sessionID, room: room.room, filter: RoomFilter(), since: nil))
    }

    /// Leaving a room that one is not in changes nothing, and is acknowledged like any other time.
    private func unsubscribe(_ room: TriggerXRoom) {
        guard rooms.contains(room) || asked > 0 else { return send(.unsubscribed(room)) }
        edge.push(.leaveRequested(connection.sessionID, room.room))
        leaving.append(room)
    }

    // MARK: Ends

    override var keepsHeartbeat: Bool { true }

    /// Ends the session if that key opened it, which was taken back.
    func endIfOpened(with key: APIKeyID) {
        guard key == bearer.id, !connection.isSayingGoodbye else { return }
        edge.shared.log.sessionRevoked(peer: connection.peer, user: bearer.owner)
        end("The API key was revoked", reason: "revoked")
    }

    override func ownDeadline(since upgrade: UInt64) -> UInt64 {
        bearer.expiresAt.map { connection.edge.expiry(of: $0) } ?? .max
    }

    override func endIfDue(since upgrade: UInt64) -> Bool { endIfExpired() }

    /// Ends the session if its key's term is over. - Returns: whether it is over.
    private func endIfExpired() -> Bool {
        guard bearer.isExpired(at: HubDesk.now().wall) else { return false }
        if !connection.isSayingGoodbye { end("The API key has expired", reason: "expired") }
        return true
    }

    private func end(_ message: String, reason: String) {
        send(.error(TriggerXError(.authenticationFailed, message)))
        connection.closeWebSocket(code: CloseReason.policy.code, reason: reason)
    }

    override func lost() {
        if isCounted { roster.clientWent(rooms.map(\.name)) }
        isCounted = false
        rooms = []
        super.lost()
    }

    // MARK: From the Hub

    override func perform(_ effect: Effect) {
        switch effect {
        case .roomJoined(_, let room, _, _):
            guard let room = TriggerXRoom(room: room) else { preconditionFailure("a room that nobody asked for") }
            asked -= 1
            confirm(room)
        case .joinRefused(_, let room, _):
            asked -= 1
            let name = TriggerXRoom(room: room)?.name ?? room.name
            send(.error(TriggerXError(.accessDenied, "There is no room \(name) for you")))
        case .roomLeft(_, let room):
            guard let room = TriggerXRoom(room: room), let place = leaving.firstIndex(of: room) else {
                preconditionFailure("a room was left that nobody asked to leave")
            }
            leaving.remove(at: place)
            end(room)
            acknowledgeVainLeaves()
        case .refused:
            vainLeaves += 1
            acknowledgeVainLeaves()
        default:
            preconditionFailure("an effect that is no subscription's reached one's session")
        }
    }

    private func confirm(_ room: TriggerXRoom) {
        if !rooms.contains(room) {
            rooms.append(room)
            roster.subscribed(room.name)
        }
        send(.subscribed(room))
    }

    private func end(_ room: TriggerXRoom) {
        if let place = rooms.firstIndex(of: room) {
            let left = rooms.remove(at: place)
            roster.unsubscribed(left.name)
        }
        send(.unsubscribed(room))
    }

    /// Who was not in a room is out of it all the same. Which one it was is known once the others were named.
    private func acknowledgeVainLeaves() {
        guard leaving.count == vainLeaves else { return }
        for room in leaving { send(.unsubscribed(room)) }
        leaving = []
        vainLeaves = 0
    }

    // MARK: To the client

    override func tellEnd(_ refusal: Refusal) { reply(refusal) }

    override func rateLimited(limit: Int, resetAfterNanoseconds: UInt64) {
        let seconds = (resetAfterNanoseconds + 999_999_999) / 1_000_000_000
        reply(
            Refusal(.tooManyRequests, "The API key has \(limit) requests and messages a minute; wait \(seconds) s"))
    }

    override func reply(_ refusal: Refusal) { send(.error(TriggerXError(refusal))) }

    private func send(_ reply: TriggerXReply) {
        var buffer = ByteBuffer(capacity: 256)
        TriggerXCodec.encode(reply, at: HubDesk.now().wall, into: &buffer)
        connection.sendText(buffer)
    }
}
