internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor
internal import Web
internal import Wire

/// The TriggerX dialect's paths: its WebSocket, its requests about tasks and its statistics.
extension Routes {
    /// What is refused before the Hub hears of it.
    private struct Refused: Error {
        var error: TriggerXError
        var retryAfterSeconds: Int?
    }

    // MARK: API keys

    /// Whose key the request carries, if it is good and its rate allows one more; its use is noted.
    ///
    /// - Parameter takesQuery: whether the key may also be `?api_key=`, for clients that cannot send headers.
    private func bearer(
        _ head: HTTPRequestHead, _ connection: EdgeConnection, takesQuery: Bool = false
    ) throws(Refused) -> APIKeyTable.Bearer {
        let edge = connection.edge
        let text = head.headers["X-Api-Key"] ?? (takesQuery ? head.queryValue("api_key") : nil)
        guard let text, !text.isEmpty else {
            throw Refused(error: TriggerXError(.missingKey, "An API key is needed"))
        }
        guard let key = APIKey(text), let bearer = edge.shared.apiKeys.find(key, at: HubDesk.now().wall) else {
            throw invalid(connection)
        }
        switch edge.shared.apiKeys.count(bearer.id, now: edge.loop.now) {
        case .allowed: break
        case .revoked: throw invalid(connection)
        case .tooFrequent(let wait):
            edge.counters.violations[.messageRate] += 1
            let message = "The API key has \(bearer.ratePerMinute) requests and messages a minute"
            throw Refused(
                error: TriggerXError(.rateLimitExceeded, message),
                retryAfterSeconds: Int((wait + 999_999_999) / 1_000_000_000))
        }
        edge.counters.authentications += 1
        if edge.shared.apiKeys.notesUse(of: bearer.id, now: edge.loop.now) { edge.push(.apiKeyUsed(bearer.id)) }
        return bearer
    }

    /// Whether there never was such a key, it was taken back or its term is over, strangers are not told.
    private func invalid(_ connection: EdgeConnection) -> Refused {
        connection.edge.counters.failedAuthentications += 1
        connection.edge.shared.log.authenticationFailed(
            peer: connection.peer, Refusal(.invalidToken, ""), why: "no such API key")
        return Refused(error: TriggerXError(.invalidKey, "Invalid API key"))
    }

    private static func answer(_ refused: Refused, closes: Bool) -> HTTPResponse {
        var body = ByteBuffer()
        TriggerXCodec.encode(.error(refused.error), at: HubDesk.now().wall, into: &body)
        var response = HTTPResponse.json(refused.error.status, body, closes: closes)
        if let seconds = refused.retryAfterSeconds { response.headers.append(("Retry-After", "\(seconds)")) }
        if response.status == 401 { response.headers.append(("WWW-Authenticate", "ApiKey")) }
        return response
    }

    // MARK: The WebSocket

    /// `GET /api/ws/tasks`: who shows a key that is good becomes a session in this very turn.
    func triggerX(_ head: HTTPRequestHead, _ connection: EdgeConnection) -> HTTPDecision {
        if head.isWebSocketUpgrade, let origin = head.headers["Origin"],
            !configuration.allowsOrigin(origin, host: head.headers["Host"])
        {
            connection.edge.counters.refusals[.origin] += 1
            let refused = Refused(error: TriggerXError(.accessDenied, "This origin is not allowed"))
            return .respond(Self.answer(refused, closes: true))
        }
        return upgrade(head, connection, inflater: connection.edge.inflater) {
            do throws(Refused) {
                let bearer = try bearer(head, connection, takesQuery: true)
                return connection.become(
                    TriggerXSession(connection: connection, edge: connection.edge, bearer: bearer))
            } catch {
                connection.edge.counters.refusals[.apiKey] += 1
                return Self.answer(error, closes: true)
            }
        }
    }

    // MARK: Requests

    /// `PUT /api/tasks/execution/{task_id}`: what its runner tells of a task that is none of ours.
    func setExecution(of name: String, _ incoming: IncomingRequest) -> HTTPDecision {
        request(incoming) { owner throws(Refusal) in
            let task = try Self.reference(name)
            let report = try incoming.decoded { bytes throws(WireError) in try TriggerXCodec.report(bytes) }
            try checkDisk()
            return incoming.push(
                .taskExecutionSet(
                    incoming.id, task, report.execution, state: report.state, Asker(user: owner, isAdmin: false)),
                as: .triggerXTask)
        }
    }

    /// `PUT /api/tasks/{task_id}/fee`.
    func setFee(of name: String, _ incoming: IncomingRequest) -> HTTPDecision {
        request(incoming) { owner throws(Refusal) in
            let task = try Self.reference(name)
            let fee = try incoming.decoded { bytes throws(WireError) in try TriggerXCodec.fee(bytes) }
            try checkDisk()
            return incoming.push(
                .taskFeeSet(incoming.id, task, feeMicros: fee, Asker(user: owner, isAdmin: false)), as: .triggerXTask)
        }
    }

    /// `POST /api/tasks`.
    func submitTask(_ incoming: IncomingRequest) -> HTTPDecision {
        request(incoming) { owner throws(Refusal) in
            let wish = try incoming.decoded { bytes throws(WireError) in try TriggerXCodec.wish(bytes) }
            let key = try incoming.idempotencyKey()
            try checkDisk()
            let submission = TaskSubmission(
                task: TaskID(SecureRandom.uuid()), owner: owner, job: wish.job, key: key,
                specification: specification(wish))
            return incoming.push(.tasksSubmitted(incoming.id, [submission]), as: .triggerXCreated)
        }
    }

    /// What is asked for by that. Without a runner of ours somebody else runs it (EVENTS 24).
    private func specification(_ wish: TriggerXWish) -> TaskSpecification {
        let runner = wish.taskDefinitionID.flatMap { configuration.taskDefinitions[$0] } ?? ""
        var resources = ResourceRequest(gpu: .none)
        resources.runner = runner
        resources.priceCapMicros = Limits.priceCapMicros
        var specification = TaskSpecification(
            runner: runner, resources: resources, timeoutSeconds: Limits.defaultTaskSeconds)
        specification.taskDefinitionID = wish.taskDefinitionID
        specification.isIMUA = wish.isIMUA
        return specification
    }

    /// Decides about a request of the owner of its key; what is refused is told in the dialect's words.
    private func request(
        _ incoming: IncomingRequest, _ decide: (UserID) throws(Refusal) -> HTTPDecision
    ) -> HTTPDecision {
        let owner: UserID
        do throws(Refused) { owner = try bearer(incoming.head, incoming.connection).owner } catch {
            return .respond(Self.requestRefused(error))
        }
        do throws(Refusal) { return try decide(owner) } catch { return .respond(Self.triggerXRefusal(error)) }
    }

    /// The Hub's answer to one of those requests.
    static func triggerXResponse(to answer: Answer, isNew: Bool) -> HTTPResponse {
        switch answer {
        case .submitted(let tasks):
            guard let task = tasks.first, tasks.count == 1 else { preconditionFailure("one task makes one task") }
            return triggerXTask(task, isNew ? 201 : 200)
        case .task(let task?): return triggerXTask(task, 200)
        case .refused(let refusal): return triggerXRefusal(refusal)
        default: preconditionFailure("an answer that no such request asks for")
        }
    }

    private static func triggerXTask(_ task: TaskSummary, _ status: Int) -> HTTPResponse {
        var body = ByteBuffer(capacity: 512)
        TriggerXCodec.task(task.record, into: &body)
        return .json(status, body)
    }

    /// A refusal by the Hub's words, with the dialect's code where it has one for it.
    private static func triggerXRefusal(_ refusal: Refusal) -> HTTPResponse {
        let code =
            switch refusal.code {
            case .forbidden: TriggerXError.Code.accessDenied.rawValue
            case .tooManyRequests, .tooManyTasks: TriggerXError.Code.rateLimitExceeded.rawValue
            default: refusal.code.rawValue
            }
        var body = ByteBuffer()
        TriggerXCodec.refused(code, refusal.message, at: HubDesk.now().wall, into: &body)
        return .json(RESTCodec.status(for: refusal.code), body)
    }

    private static func requestRefused(_ refused: Refused) -> HTTPResponse {
        var response = answer(refused, closes: false)
        var body = ByteBuffer()
        TriggerXCodec.refused(
            refused.error.code.rawValue, refused.error.message, at: HubDesk.now().wall, into: &body)
        response.body = body
        return response
    }

    // MARK: Statistics

    /// `GET /api/ws/stats`: this dialect's alone.
    func triggerXStatistics(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        try checkStatistics(incoming.head)
        let summary = incoming.connection.edge.shared.roster(.triggerx).summary()
        var body = ByteBuffer(capacity: 256)
        TriggerXCodec.statistics(
            clients: summary.clients, rooms: summary.subscriptions,
            details: summary.lines.map { (room: $0.id, subscribers: $0.subscribers) }, into: &body)
        return .respond(.json(200, body))
    }

    /// `GET /api/ws/health`: likewise, and needs no key.
    func triggerXHealth(_ incoming: IncomingRequest) -> HTTPDecision {
        let summary = incoming.connection.edge.shared.roster(.triggerx).summary(limit: 0)
        var body = ByteBuffer(capacity: 256)
        TriggerXCodec.health(
            isHealthy: readiness.isHealthy, now: HubDesk.now().wall, connections: summary.clients,
            rooms: summary.subscriptions, into: &body)
        return .respond(.json(200, body))
    }
}
