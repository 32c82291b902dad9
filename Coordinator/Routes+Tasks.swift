internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `/api/v1/tasks`: submission, lists, one task, its result and what it wrote.
///
/// What belongs to somebody else looks like what does not exist: the Hub answers both alike.
extension Routes {
    /// `POST` submits a task, answered when it is on disk; `GET` lists.
    func tasks(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let claims = try self.claims(incoming.head, .taskSubmit)
        guard incoming.head.method == "POST" else { return try list(incoming, claims) }
        let wish = try incoming.decoded { bytes throws(WireError) in try RESTCodec.task(bytes) }
        let key = try incoming.idempotencyKey()
        try checkDisk()
        try checkCurrency(wish.specification.currency)
        let submission = TaskSubmission(
            task: TaskID(SecureRandom.uuid()), owner: claims.subject, job: wish.job, key: key,
            specification: wish.specification)
        return incoming.push(.tasksSubmitted(incoming.id, [submission]), as: .submittedTask)
    }

    private func list(_ incoming: IncomingRequest, _ claims: TokenClaims) throws(Refusal) -> HTTPDecision {
        let asker = Asker(claims)
        var filter = TaskFilter()
        for name in try incoming.parameter("state")?.split(separator: ",") ?? [] {
            guard let state = TaskState(name: name) else {
                throw Refusal(.badRequest, "state: \(TaskState.allCases.map(\.name).joined(separator: ", "))")
            }
            filter.states.insert(state)
        }
        filter.job = try incoming.parameter("job")
        if let text = try incoming.parameter("node") {
            guard let node = NodeID(text) else { throw Refusal(.badRequest, "node is a node's id") }
            filter.node = node
        }
        if let user = try incoming.parameter("user_id") {
            // Whether there is such a user is nobody's business.
            guard asker.isAdmin || UserID(user) == asker.user else {
                throw Refusal(.forbidden, "only an admin asks for another user's tasks")
            }
            filter.owner = asker.isAdmin ? UserID(user) : nil
        }
        let before = try incoming.cursor { UInt64($0) }
        return incoming.ask(.tasks(filter, limit: try incoming.pageLimit(), before: before, asker))
    }

    /// `GET` shows a task, `DELETE` cancels it.
    func task(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        if incoming.head.method == "DELETE" { return try cancelTask(name, incoming) }
        let asker = Asker(try claims(incoming.head, .taskSubmit))
        return incoming.ask(.task(try Self.reference(name), asker))
    }

    /// `POST …/cancel`.
    func cancelTask(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let asker = Asker(try claims(incoming.head, .taskSubmit))
        let task = try Self.reference(name)
        try checkDisk()
        return incoming.push(.taskCancelRequested(incoming.id, task, asker))
    }

    /// `GET …/result`.
    func taskResult(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let asker = Asker(try claims(incoming.head, .taskSubmit))
        return incoming.ask(.task(try Self.reference(name), asker), as: .result)
    }

    /// `GET …/log`: what the task wrote, from a chunk on.
    func taskLog(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let asker = Asker(try claims(incoming.head, .taskSubmit))
        let task = try Self.reference(name)
        return incoming.ask(.taskLog(task, from: try incoming.number("from", in: 0...UInt64.max) ?? 0, asker))
    }

    /// A task by its UUID or its number; no other name is anybody's task.
    static func reference(_ name: String) throws(Refusal) -> TaskReference {
        if let id = TaskID(name) { return .id(id) }
        // Digits alone: a sign is no part of a task's name.
        guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(name) else {
            throw Refusal(.notFound, "no such task")
        }
        return .number(number)
    }

    // MARK: What all submissions need

    /// Nothing is promised that could not be kept.
    func checkDisk() throws(Refusal) {
        guard !readiness.isStalled else { throw Refusal(.unavailable, "the store's disk is full") }
    }

    /// Prices have to be known in what the task is paid in.
    func checkCurrency(_ currency: Currency) throws(Refusal) {
        let known = configuration.microsPerCredit
        guard known[currency] != nil else {
            let names = known.keys.sorted().map(\.code).joined(separator: ", ")
            throw Refusal(.badRequest, "currency: expected one of \(names)")
        }
    }
}

extension Asker {
    /// Who shows this token.
    init(_ claims: TokenClaims) {
        self.init(user: claims.subject, isAdmin: claims.permissions.allows(.admin))
    }
}
