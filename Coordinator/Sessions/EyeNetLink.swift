internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Reactor
internal import Web
internal import Wire

/// A client of the EyeNet dialect: one Engine.IO session, and an ``EyeNetSession`` for each namespace that it is in.
final class EyeNetLink: SocketLink {
    unowned let edge: Edge
    /// By their namespaces' numbers.
    private var sessions: [EyeNetSession?] = Array(repeating: nil, count: EyeNetLink.served.count)
    private var events = RateWindow()
    private var connects = RateWindow()
    /// Readings that the client was sent. A limit is the client's, however many namespaces it is in.
    var readings = RateWindow()
    private let peerNetwork: PeerAddress
    private var isDraining = false

    /// The document's URL ends with the first; the other is that of clients which name none.
    static let served = ["/ws", "/"]

    init(over transport: EngineIOTransport, sid: String, on connection: EdgeConnection) {
        edge = connection.edge
        peerNetwork = connection.peer.network
        super.init(over: transport, sid: sid, on: connection, of: connection.edge.engines, namespaces: Self.served)
    }

    /// The client's subscriptions in all its namespaces.
    var subscriptionCount: Int { sessions.reduce(0) { $0 + ($1?.subscriptionCount ?? 0) } }

    // MARK: From the client

    /// Counts what the client sends. The event beyond the limit puts it out of its namespace.
    override func admits(_ packet: SocketIOPacket) -> Bool {
        switch packet.type {
        case .connect:
            guard connects.count(now: loop.now, limit: Limits.socketIOConnectsPerMinute) != nil else { return true }
            edge.counters.violations[.messageRate] += 1
            closeSession()
            return false
        case .event, .binaryEvent, .ack, .binaryAck:
            let limit = edge.shared.configuration.limits.eventsPerClientPerMinute
            guard events.count(now: loop.now, limit: limit) != nil else { return true }
            edge.counters.violations[.messageRate] += 1
            let namespace = namespaces.firstIndex { packet.isOf($0) }
            guard let namespace, let session = sessions[namespace] else { return true }
            session.end(Refusal(.tooManyRequests, "a client sends at most \(limit) events a minute"))
            return false
        case .disconnect, .connectError:
            return true
        }
    }

    override func wantsIn(_ namespace: Int, auth: UnsafeRawBufferPointer) {
        do throws(Refusal) {
            let (claims, key) = try introduced(auth)
            let session = EyeNetSession(link: self, namespace: namespace, claims: claims, key: key)
            sessions[namespace] = session
            loop.adopt(session)
            accept(namespace, sid: "\(session.name)")
            session.open(claims)
        } catch {
            refuse(namespace, message: error.message, data: EyeNetCodec.connectErrorData(error.code))
        }
    }

    /// Who the client is, and the key that it wants sensitive fields encrypted for.
    private func introduced(_ auth: UnsafeRawBufferPointer) throws(Refusal) -> (TokenClaims, PayloadKey?) {
        let introduction: EyeNetIntroduction
        do throws(WireError) { introduction = try EyeNetCodec.introduction(auth) } catch { throw error.refusal }
        guard let token = introduction.token else { throw Refusal(.notAuthenticated, "auth.token is needed") }
        let claims: TokenClaims
        switch edge.shared.authenticator.verify(token, now: HubDesk.now().wall) {
        case .failure(let rejection):
            edge.counters.failedAuthentications += 1
            edge.shared.log.authenticationFailed(peer: peer, rejection.refusal, why: rejection.why)
            throw rejection.refusal
        case .success(let good): claims = good
        }
        var key: PayloadKey?
        if let jwk = introduction.publicKey {
            do throws(JWKError) { key = try PayloadKey(jwk: jwk) } catch {
                throw Refusal(.invalidMessage, "auth.publicKey: \(error)")
            }
        }
        edge.counters.authentications += 1
        edge.shared.log.authenticated(peer: peer, user: claims.subject)
        return (claims, key)
    }

    override func event(_ packet: SocketIOPacket, in namespace: Int) { sessions[namespace]?.take(packet) }

    override func left(_ namespace: Int) {
        sessions[namespace]?.close(because: .peer)
        sessions[namespace] = nil
    }

    /// The session of that namespace has been put out of it.
    func forget(_ namespace: Int) { sessions[namespace] = nil }

    override func relieved() {
        for session in sessions { session?.relieved() }
    }

    // MARK: The end

    /// The coordinator drains: says so, and closes the session. Clients come back by themselves.
    func drain() {
        isDraining = true
        for session in sessions {
            session?.tell(Refusal(.connectionFailed, "the coordinator is shutting down"))
        }
        endTransport(.drain)
    }

    override func ended() {
        let reason = ConnectionEnding(ending, drains: isDraining)
        for session in sessions { session?.close(because: reason) }
        sessions = []
        edge.shared.limiter.release(peerNetwork)
    }
}
