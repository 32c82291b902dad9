internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// The coordinator's paths: what each request becomes.
final class Routes: Sendable {
    let configuration: CoordinatorConfiguration
    private let authenticator: Authenticator
    let readiness: Readiness
    private let needsAgentCertificates: Bool

    init(
        configuration: CoordinatorConfiguration, authenticator: Authenticator, readiness: Readiness,
        needsAgentCertificates: Bool
    ) {
        self.configuration = configuration
        self.authenticator = authenticator
        self.readiness = readiness
        self.needsAgentCertificates = needsAgentCertificates
    }

    /// Decides about one request of a connection.
    func decide(
        _ head: HTTPRequestHead, body: ByteBuffer, request: RequestID, connection: EdgeConnection
    ) -> HTTPDecision {
        if connection.isControl {
            return ControlDesk.decide(head, body: body, request: request, connection: connection)
        }
        switch head.path {
        case "/ws": return upgrade(head, connection, inflater: connection.edge.inflater) { connection.becomeClient() }
        case "/agent":
            if needsAgentCertificates, !connection.hasPeerCertificate {
                connection.edge.counters.refusals[.certificate] += 1
                return .respond(Self.certificateRequired)
            }
            return upgrade(head, connection, subprotocol: AgentCodec.subprotocol) { connection.becomeAgent() }
        case "/events": return events(head, connection)
        case "/healthz": return read(head) { Self.json(200) { RESTCodec.liveness(into: &$0) } }
        case "/readyz": return read(head) { readyAnswer }
        case "/metrics": return metrics(head, request, connection)
        case "/api/ws/health":
            return ask(head, .counts, needs: nil, request, connection)
        case "/api/v1/nodes": return nodes(head, request, connection)
        case "/api/v1/notifications": return notify(head, body, request, connection)
        default:
            if let id = head.path.split(after: "/api/v1/nodes/") {
                guard let node = NodeID(id) else { return .respond(Self.refusal(404, .notFound, "no such node")) }
                return ask(head, .node(node), needs: .nodeRead, request, connection)
            }
            return .respond(Self.refusal(404, .notFound, "no such path"))
        }
    }

    private var readyAnswer: HTTPResponse {
        let reason = readiness.isStalled ? "the store's disk is full" : readiness.isReady ? nil : "draining"
        return Self.json(reason == nil ? 200 : 503) { RESTCodec.readiness(refusedBecause: reason, into: &$0) }
    }

    // MARK: Upgrades

    private func upgrade(
        _ head: HTTPRequestHead, _ connection: EdgeConnection, subprotocol: String? = nil,
        inflater: WebSocketInflater? = nil, admit: () -> HTTPResponse?
    ) -> HTTPDecision {
        guard head.isWebSocketUpgrade else {
            return .respond(
                .json(
                    426, Self.errorBody(code: "UPGRADE_REQUIRED", message: "this path speaks WebSocket"),
                    headers: [("Upgrade", "websocket")]))
        }
        if let origin = head.headers["Origin"], !configuration.allowsOrigin(origin, host: head.headers["Host"]) {
            connection.edge.counters.refusals[.origin] += 1
            return .respond(Self.refusal(403, .forbidden, "this origin is not allowed"))
        }
        if !readiness.isReady {
            connection.edge.counters.refusals[.draining] += 1
            return .respond(
                .json(
                    503, Self.errorBody(code: Refusal.Code.unavailable.rawValue, message: "the coordinator drains"),
                    headers: [("Retry-After", "\(RetryDelay.seconds())")], closes: true))
        }
        var chosen: String?
        if let subprotocol {
            guard head.headers.list("Sec-WebSocket-Protocol", contains: subprotocol) else {
                connection.edge.counters.refusals[.subprotocol] += 1
                return .respond(Self.refusal(400, .badRequest, "the subprotocol \(subprotocol) is needed"))
            }
            chosen = subprotocol
        }
        if let refusal = admit() { return .respond(refusal) }
        return .upgrade(subprotocol: chosen, inflater: inflater)
    }

    // MARK: Reads

    private func read(_ head: HTTPRequestHead, _ answer: () -> HTTPResponse) -> HTTPDecision {
        guard head.method == "GET" || head.method == "HEAD" else { return .respond(Self.methodNotAllowed) }
        return .respond(answer())
    }

    private func nodes(_ head: HTTPRequestHead, _ request: RequestID, _ connection: EdgeConnection) -> HTTPDecision {
        var limit = 100
        var after: NodeID?
        if let text = head.queryValue("limit") {
            guard let value = Int(text), (1...1000).contains(value) else {
                return .respond(Self.refusal(400, .badRequest, "limit is a number from 1 to 1000"))
            }
            limit = value
        }
        if let text = head.queryValue("cursor") {
            guard let id = NodeID(text) else {
                return .respond(Self.refusal(400, .badRequest, "cursor is not one of ours"))
            }
            after = id
        }
        return ask(head, .nodes(limit: limit, after: after), needs: .nodeRead, request, connection)
    }

    /// Puts a question to the Hub for a bearer who may ask it.
    private func ask(
        _ head: HTTPRequestHead, _ query: Query, needs permission: Permissions?, _ request: RequestID,
        _ connection: EdgeConnection
    ) -> HTTPDecision {
        guard head.method == "GET" || head.method == "HEAD" else { return .respond(Self.methodNotAllowed) }
        if let permission, case .turnedAway(let answer) = authorise(head, permission) { return .respond(answer) }
        connection.edge.push(.query(request, query))
        return .later
    }

    /// Who asks, or the answer in place of what was asked for.
    enum Bearer {
        case known(TokenClaims)
        case turnedAway(HTTPResponse)
    }

    /// Looks whether the request's token gives the permission.
    ///
    /// - Parameter takesQuery: whether the token may also be `?token=`, for clients that cannot send headers.
    func authorise(_ head: HTTPRequestHead, _ permission: Permissions, takesQuery: Bool = false) -> Bearer {
        guard let token = Self.bearer(head) ?? (takesQuery ? head.queryValue("token") : nil) else {
            return .turnedAway(Self.unauthorized("a bearer token is needed", .notAuthenticated))
        }
        switch authenticator.verify(token, now: HubDesk.now().wall) {
        case .failure(let rejection):
            return .turnedAway(Self.unauthorized(rejection.refusal.message, rejection.refusal.code))
        case .success(let claims):
            guard claims.permissions.allows(permission) else {
                let message = "this needs \(permission.names.joined(separator: ", "))"
                return .turnedAway(Self.refusal(403, .forbidden, message))
            }
            return .known(claims)
        }
    }

    // MARK: Statistics

    private func metrics(_ head: HTTPRequestHead, _ request: RequestID, _ connection: EdgeConnection) -> HTTPDecision {
        guard head.method == "GET" || head.method == "HEAD" else { return .respond(Self.methodNotAllowed) }
        if !configuration.opensStatistics(isForwarded: Self.isForwarded(head)),
            case .turnedAway(let answer) = authorise(head, .admin)
        {
            return .respond(answer)
        }
        guard connection.edge.scrape(for: request) else {
            return .respond(Self.refusal(503, .unavailable, "too many scrapes are under way"))
        }
        return .later
    }

    /// Whether a proxy says that it passes the request on: whoever asks is then not on this machine.
    private static func isForwarded(_ head: HTTPRequestHead) -> Bool {
        ["Forwarded", "X-Forwarded-For", "X-Real-IP"].contains { head.headers[$0] != nil }
    }

    private static func bearer(_ head: HTTPRequestHead) -> String? {
        guard let value = head.headers["Authorization"], value.count > 7,
            value.prefix(7).lowercased() == "bearer "
        else { return nil }
        return String(value.dropFirst(7))
    }

    // MARK: Answers

    /// The answer to a request that the Hub has answered.
    func response(to answer: Answer) -> HTTPResponse {
        switch answer {
        case .nodes(let summaries, let next):
            return Self.json(200) { RESTCodec.nodes(summaries, next: next, into: &$0) }
        case .node(let summary?):
            return Self.json(200) { RESTCodec.node(summary, into: &$0) }
        case .node(nil):
            return Self.refusal(404, .notFound, "no such node")
        case .counts(let counts):
            return Self.json(200) {
                RESTCodec.webSocketHealth(
                    isHealthy: readiness.isReady, now: HubDesk.now().wall, connections: counts.subscribers,
                    rooms: counts.views, into: &$0)
            }
        case .notified(let id, let position):
            return Self.json(201) { RESTCodec.notified(id, at: position, into: &$0) }
        case .refused(let refusal):
            return Self.refusal(RESTCodec.status(for: refusal.code), refusal.code, refusal.message)
        case .submitted, .tasks, .task, .taskLog, .jobs, .job, .balances, .trust: preconditionFailure("SEAM")
        case .enrolled, .recorded, .deposited:
            preconditionFailure("an operator's answer reached a client")
        }
    }

    private static func json(_ status: Int, _ write: (inout ByteBuffer) -> Void) -> HTTPResponse {
        var body = ByteBuffer(capacity: 256)
        write(&body)
        return .json(status, body)
    }

    /// A JSON error body with a code of the protocol's rather than of ours.
    static func errorBody(code: String, message: String) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.field("code", code)
        writer.field("message", message)
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }

    /// A JSON error answer.
    static func refusal(_ status: Int, _ code: Refusal.Code, _ message: String) -> HTTPResponse {
        json(status) { RESTCodec.error(Refusal(code, message), into: &$0) }
    }

    private static func unauthorized(_ message: String, _ code: Refusal.Code) -> HTTPResponse {
        .json(
            401, errorBody(code: code.rawValue, message: message), headers: [("WWW-Authenticate", "Bearer")])
    }

    private static var certificateRequired: HTTPResponse {
        let message = "an agent shows a certificate here"
        return .json(403, errorBody(code: "CLIENT_CERTIFICATE_REQUIRED", message: message), closes: true)
    }

    private static var methodNotAllowed: HTTPResponse {
        methodNotAllowed("this path is read by GET", allowed: "GET, HEAD")
    }

    /// The answer to a method that a path does not have.
    static func methodNotAllowed(_ message: String, allowed: String) -> HTTPResponse {
        .json(
            405, errorBody(code: Refusal.Code.methodNotAllowed.rawValue, message: message),
            headers: [("Allow", allowed)])
    }
}

extension String {
    /// What follows a prefix, if it is there and something follows.
    fileprivate func split(after prefix: String) -> String? {
        guard hasPrefix(prefix), count > prefix.count else { return nil }
        return String(dropFirst(prefix.count))
    }
}
