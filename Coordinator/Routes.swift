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
        case "/socket.io/", "/socket.io": return eyenet(head, body, connection)
        // For clients that take the document's URL for the path.
        case "/ws/" where head.queryValue("EIO") != nil, "/ws" where head.queryValue("EIO") != nil:
            return eyenet(head, body, connection)
        case "/ws":
            if Self.hasValue(head, "token") || Self.hasValue(head, "client_id") { return neurograph(head, connection) }
            return subscribe(head, connection) { NativeSession(connection: connection, edge: connection.edge) }
        case "/neurograph/ws": return neurograph(head, connection)
        case "/qubix": return qubix(head, connection)
        case "/api/ws/tasks": return triggerX(head, connection)
        case "/" where head.isWebSocketUpgrade: return qubix(head, connection)
        case "/agent":
            if needsAgentCertificates, !connection.hasPeerCertificate {
                connection.edge.counters.refusals[.certificate] += 1
                return .respond(Self.certificateRequired)
            }
            return upgrade(head, connection, subprotocol: AgentCodec.subprotocol) { connection.becomeAgent() }
        default: break
        }
        guard let (route, name) = Route.find(head.pathSegments) else {
            return .respond(Self.refusal(404, .notFound, "no such path"))
        }
        // Browsers ask before they read events: those are judged with their origin.
        guard route == .events || route.methods.contains(head.method) else {
            let allowed = route.methods.joined(separator: ", ")
            return .respond(Self.methodNotAllowed("this path takes \(allowed)", allowed: allowed))
        }
        let incoming = IncomingRequest(head: head, body: body, id: request, connection: connection)
        do throws(Refusal) {
            return try decide(route, name, incoming)
        } catch {
            return .respond(Self.refusal(error))
        }
    }

    /// - Parameter name: what stands in the place of the route's name in braces.
    private func decide(
        _ route: Route, _ name: String, _ incoming: IncomingRequest
    ) throws(Refusal) -> HTTPDecision {
        switch route {
        case .liveness: .respond(Self.json(200) { RESTCodec.liveness(into: &$0) })
        case .readiness: .respond(readyAnswer)
        case .metrics: try metrics(incoming)
        case .openAPI: .respond(.json(200, OpenAPI.document))
        case .asyncAPI: .respond(.json(200, AsyncAPI.document))
        case .apiPage: .respond(Page.response(APIPage.document))
        case .securityPage: .respond(Page.response(SecurityPage.document))
        case .events: events(incoming.head, incoming.connection)
        case .triggerXStatistics: try triggerXStatistics(incoming)
        case .triggerXHealth: triggerXHealth(incoming)
        case .triggerXTasks: submitTask(incoming)
        case .triggerXExecution: setExecution(of: name, incoming)
        case .triggerXFee: setFee(of: name, incoming)
        case .qubixStatistics: try qubixStatistics(incoming)
        case .nodes: try nodes(incoming)
        case .node: try node(name, incoming)
        case .nodeDrain: try drain(name, drains: true, incoming)
        case .nodeUndrain: try drain(name, drains: false, incoming)
        case .nodeQuarantine: try quarantine(name, isQuarantined: true, incoming)
        case .nodeRelease: try quarantine(name, isQuarantined: false, incoming)
        case .trust: try trust(incoming)
        case .tasks: try tasks(incoming)
        case .task: try task(name, incoming)
        case .taskCancel: try cancelTask(name, incoming)
        case .taskResult: try taskResult(name, incoming)
        case .taskLog: try taskLog(name, incoming)
        case .jobs: try jobs(incoming)
        case .job: try job(name, incoming)
        case .jobCancel: try cancelJob(name, incoming)
        case .balances: try balances(name, incoming)
        case .notifications: try notify(incoming)
        case .alerts: try alerts(incoming)
        case .alert: try alert(name, incoming)
        case .alertAcknowledge: try step(.acknowledge, name, incoming)
        case .alertResolve: try step(.resolve, name, incoming)
        case .predictions: try predict(incoming)
        case .topology: try topology(incoming)
        case .analytics: try analytics(incoming)
        case .channelStatus: try channelStatus(incoming)
        case .channels: try channels(incoming)
        case .channel: try channel(name, incoming)
        case .broadcast: try broadcast(incoming)
        }
    }

    private var readyAnswer: HTTPResponse {
        let reason = readiness.isStalled ? "the store's disk is full" : readiness.isReady ? nil : "draining"
        return Self.json(reason == nil ? 200 : 503) { RESTCodec.readiness(refusedBecause: reason, into: &$0) }
    }

    // MARK: Upgrades

    /// A client of the dialect whose session that is.
    private func subscribe(
        _ head: HTTPRequestHead, _ connection: EdgeConnection, as session: () -> SubscriberSession
    ) -> HTTPDecision {
        upgrade(head, connection, inflater: connection.edge.inflater) { connection.become(session()) }
    }

    private func qubix(_ head: HTTPRequestHead, _ connection: EdgeConnection) -> HTTPDecision {
        subscribe(head, connection) {
            QubixSession(
                connection: connection, edge: connection.edge,
                token: Self.bearer(head) ?? head.queryValue("token"),
                opensMarket: configuration.opensMarketplace(isForwarded: Self.isForwarded(head)))
        }
    }

    private func neurograph(_ head: HTTPRequestHead, _ connection: EdgeConnection) -> HTTPDecision {
        subscribe(head, connection) {
            let token = Self.hasValue(head, "token") ? head.queryValue("token") : Self.bearer(head)
            let client = head.queryValue("client_id").flatMap { UUID128($0) }
            return NeuroGraphSession(
                connection: connection, edge: connection.edge,
                claim: NeuroGraphSession.Claim(token: token, client: client))
        }
    }

    private static func hasValue(_ head: HTTPRequestHead, _ name: String) -> Bool {
        head.queryValue(name)?.isEmpty == false
    }

    /// Changes protocols, unless something stands against it; `admit` has the last word, and answers where it refuses.
    func upgrade(
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

    // MARK: Bearers

    /// Whose token the request carries, if it gives the permission.
    ///
    /// - Parameter takesQuery: whether the token may also be `?token=`, for clients that cannot send headers.
    func claims(
        _ head: HTTPRequestHead, _ permission: Permissions, takesQuery: Bool = false
    ) throws(Refusal) -> TokenClaims {
        guard let token = Self.bearer(head) ?? (takesQuery ? head.queryValue("token") : nil) else {
            throw Refusal(.notAuthenticated, "a bearer token is needed")
        }
        switch authenticator.verify(token, now: HubDesk.now().wall) {
        case .failure(let rejection): throw rejection.refusal
        case .success(let claims):
            guard claims.permissions.allows(permission) else {
                throw Refusal(.forbidden, "this needs \(permission.names.joined(separator: ", "))")
            }
            return claims
        }
    }

    // MARK: Statistics

    /// Statistics are an administrator's, except where they are open to everybody.
    func checkStatistics(_ head: HTTPRequestHead) throws(Refusal) {
        if configuration.opensStatistics(isForwarded: Self.isForwarded(head)) { return }
        _ = try claims(head, .admin)
    }

    private func metrics(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        try checkStatistics(incoming.head)
        guard incoming.connection.edge.scrape(for: incoming.id) else {
            throw Refusal(.unavailable, "too many scrapes are under way")
        }
        return .later
    }

    private func qubixStatistics(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        try checkStatistics(incoming.head)
        let summary = incoming.connection.edge.shared.roster(.qubix).summary()
        return .respond(
            Self.json(200) {
                QubixCodec.statistics(
                    clients: summary.clients, subscriptions: summary.subscriptions,
                    details: summary.lines.map { (id: $0.id, subscribers: $0.subscribers) }, into: &$0)
            })
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
    func response(to answer: Answer, as form: AnswerForm) -> HTTPResponse {
        switch form {
        case .triggerXCreated: return Self.triggerXResponse(to: answer, isNew: true)
        case .triggerXTask: return Self.triggerXResponse(to: answer, isNew: false)
        case .whole, .submittedTask, .submittedJob, .result, .broadcast: return nativeResponse(to: answer, as: form)
        }
    }

    private func nativeResponse(to answer: Answer, as form: AnswerForm) -> HTTPResponse {
        switch answer {
        case .nodes(let summaries, let next):
            Self.json(200) { RESTCodec.nodes(summaries, next: next, into: &$0) }
        case .node(let summary?): Self.json(200) { RESTCodec.node(summary, into: &$0) }
        case .node(nil): Self.refusal(404, .notFound, "no such node")
        case .notified(let id, let position):
            Self.json(201) { RESTCodec.notified(id, at: position, into: &$0) }
        case .submitted(let tasks): Self.submitted(tasks, as: form)
        case .tasks(let tasks, let next): Self.json(200) { RESTCodec.tasks(tasks, next: next, into: &$0) }
        case .task(let task?):
            Self.json(200) { body in
                if case .result = form {
                    RESTCodec.result(of: task, into: &body)
                } else {
                    RESTCodec.task(task, into: &body)
                }
            }
        case .task(nil), .taskLog(nil): Self.refusal(404, .notFound, "no such task")
        case .taskLog(let log?):
            Self.json(200) {
                RESTCodec.log(
                    log.chunks, next: log.next, missed: log.missed, isComplete: log.isComplete, into: &$0)
            }
        case .jobs(let jobs, let next): Self.json(200) { RESTCodec.jobs(jobs, next: next, into: &$0) }
        case .job(let job?): Self.json(200) { RESTCodec.job(job, into: &$0) }
        case .job(nil): Self.refusal(404, .notFound, "no such job")
        case .balances(let user, let balances):
            Self.json(200) { RESTCodec.balances(balances, of: user, into: &$0) }
        case .trust(let nodes): Self.json(200) { RESTCodec.trust(nodes, into: &$0) }
        case .alertRaised(let alert): Self.raised(alert)
        case .alert(let alert?): Self.json(200) { RESTCodec.alert(alert, into: &$0) }
        case .alert(nil): Self.refusal(404, .notFound, "no such alert")
        case .alerts(let alerts, let next): Self.json(200) { RESTCodec.alerts(alerts, next: next, into: &$0) }
        case .predicted(let id, let position):
            Self.json(201) { RESTCodec.predicted(id, at: position, into: &$0) }
        case .topology(let devices, let next):
            Self.json(200) { RESTCodec.topology(devices, next: next, into: &$0) }
        case .analytics(let update): Self.json(200) { RESTCodec.analytics(update, into: &$0) }
        case .broadcast(let channel): Self.broadcast(in: channel, as: form)
        case .refused(let refusal): Self.refusal(refusal)
        case .enrolled, .recorded, .deposited, .apiKeys, .apiKey:
            preconditionFailure("an operator's answer reached a client")
        }
    }

    private static func submitted(_ tasks: [TaskSummary], as form: AnswerForm) -> HTTPResponse {
        if case .submittedJob = form { return json(201) { RESTCodec.submitted(tasks, into: &$0) } }
        guard let task = tasks.first, tasks.count == 1 else { preconditionFailure("one task makes one task") }
        var response = json(201) { RESTCodec.task(task, into: &$0) }
        response.headers.append(("Location", "/api/v1/tasks/\(task.record.id)"))
        return response
    }

    static func json(_ status: Int, _ write: (inout ByteBuffer) -> Void) -> HTTPResponse {
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

    /// The answer to what is refused, with the status of its code.
    static func refusal(_ refusal: Refusal) -> HTTPResponse {
        self.refusal(RESTCodec.status(for: refusal.code), refusal.code, refusal.message)
    }

    /// A JSON error answer.
    static func refusal(_ status: Int, _ code: Refusal.Code, _ message: String) -> HTTPResponse {
        var response = json(status) { RESTCodec.error(Refusal(code, message), into: &$0) }
        if status == 401 { response.headers.append(("WWW-Authenticate", "Bearer")) }
        return response
    }

    private static var certificateRequired: HTTPResponse {
        let message = "an agent shows a certificate here"
        return .json(403, errorBody(code: "CLIENT_CERTIFICATE_REQUIRED", message: message), closes: true)
    }

    /// The answer to a method that a path does not have.
    static func methodNotAllowed(_ message: String, allowed: String) -> HTTPResponse {
        .json(
            405, errorBody(code: Refusal.Code.methodNotAllowed.rawValue, message: message),
            headers: [("Allow", allowed)])
    }
}
