internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `/api/v1/jobs`: tasks that belong together.
extension Routes {
    /// What the keys of a job's tasks add to the job's.
    private static let keySuffixBytes = 8

    /// `POST` submits tasks together, all or none; `GET` lists.
    func jobs(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let claims = try self.claims(incoming.head, .taskSubmit)
        guard incoming.head.method == "POST" else {
            let after = try incoming.cursor { $0 }
            return incoming.ask(.jobs(limit: try incoming.pageLimit(), after: after, Asker(claims)))
        }
        let wish = try incoming.decoded { bytes throws(WireError) in try RESTCodec.job(bytes) }
        let key = try incoming.idempotencyKey(bytes: Limits.idempotencyKeyBytes - Self.keySuffixBytes)
        try checkDisk()
        for specification in wish.specifications { try checkCurrency(specification.currency) }
        let submissions = Self.submissions(wish, of: claims.subject, key: key)
        return incoming.push(.tasksSubmitted(incoming.id, submissions), as: .submittedJob)
    }

    /// The tasks of a job, each with a name of its own if the request has one.
    static func submissions(_ wish: JobWish, of owner: UserID, key: String?) -> [TaskSubmission] {
        let job = wish.job ?? key.map { name(wish, of: owner, key: $0) } ?? SecureRandom.uuid().description
        return wish.specifications.enumerated().map { index, specification in
            TaskSubmission(
                task: TaskID(SecureRandom.uuid()), owner: owner, job: job, key: key.map { "\($0)#\(index + 1)" },
                specification: specification)
        }
    }

    /// The name of a job whose submitter named only the request: the same for the same request, and for no other.
    private static func name(_ wish: JobWish, of owner: UserID, key: String) -> String {
        var text = ByteBuffer()
        // Neither may hold the byte between them.
        text.append(owner.text + "\n" + key + "\n")
        RESTCodec.encode(wish, into: &text)
        let words = text.withBytes { SHA256.digest($0) }.words
        return UUID128(randomHigh: words.0, randomLow: words.1).description
    }

    /// `GET …/{job_id}`.
    func job(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let asker = Asker(try claims(incoming.head, .taskSubmit))
        return incoming.ask(.job(name, asker))
    }

    /// `POST …/{job_id}/cancel`.
    func cancelJob(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let asker = Asker(try claims(incoming.head, .taskSubmit))
        try checkDisk()
        return incoming.push(.jobCancelRequested(incoming.id, name, asker))
    }
}
