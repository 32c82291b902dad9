internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// One request on its way through the routes.
struct IncomingRequest {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let id: RequestID
    let connection: EdgeConnection

    /// Puts an event to the Hub that will answer the request.
    ///
    /// - Parameter form: how the answer is to be shown.
    func push(_ event: HubEvent, as form: AnswerForm = .whole) -> HTTPDecision {
        connection.answerForm = form
        connection.edge.push(event)
        return .later
    }

    /// Puts a question to the Hub.
    func ask(_ query: Query, as form: AnswerForm = .whole) -> HTTPDecision { push(.query(id, query), as: form) }

    // MARK: Bodies

    /// The body, read as JSON.
    func decoded<Wish>(
        _ decode: (UnsafeRawBufferPointer) throws(WireError) -> Wish
    ) throws(Refusal) -> Wish {
        guard Self.isJSON(head) else { throw Refusal(.unsupportedMediaType, "the body is application/json") }
        let result = body.withBytes { bytes in Result { () throws(WireError) in try decode(bytes) } }
        do { return try result.get() } catch { throw error.refusal }
    }

    /// Whether the body is said to be JSON; parameters, such as a character set, do not matter.
    private static func isJSON(_ head: HTTPRequestHead) -> Bool {
        guard let type = head.headers["Content-Type"] else { return false }
        let essence = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        return essence.lowercased() == "application/json"
    }

    /// What the client named the request, if it did.
    ///
    /// - Parameter bytes: how long the name may be.
    func idempotencyKey(bytes: Int = Limits.idempotencyKeyBytes) throws(Refusal) -> String? {
        guard let key = head.headers["Idempotency-Key"] else { return nil }
        guard (1...bytes).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Refusal(.badRequest, "an Idempotency-Key has 1 to \(bytes) visible ASCII characters")
        }
        return key
    }

    // MARK: Parameters

    /// The value of a parameter that may be there once.
    func parameter(_ name: String) throws(Refusal) -> String? {
        let values = head.queryValues(name)
        guard let first = values.first else { return nil }
        guard values.count == 1, let first else {
            throw Refusal(.badRequest, "\(name) is there more than once, or not readable")
        }
        return first
    }

    /// A parameter that is a whole number.
    func number<Number: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Number>
    ) throws(Refusal) -> Number? {
        guard let text = try parameter(name) else { return nil }
        guard let value = Number(text), range.contains(value) else {
            throw Refusal(.badRequest, "\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// How many of a list are wanted in one answer.
    func pageLimit() throws(Refusal) -> Int { try number("limit", in: 1...1000) ?? 100 }

    /// The place in a list that an earlier answer named.
    func cursor<Place>(_ read: (String) -> Place?) throws(Refusal) -> Place? {
        guard let text = try parameter("cursor") else { return nil }
        guard let place = read(text) else { throw Refusal(.badRequest, "cursor is not one of ours") }
        return place
    }
}

/// How the Hub's answer to a request is shown, where one answer serves several paths.
enum AnswerForm {
    /// All of it.
    case whole
    /// A lone task that was submitted.
    case submittedTask
    /// The tasks of a job that was submitted.
    case submittedJob
    /// A task's result alone.
    case result
    /// A task that was submitted, in TriggerX' form.
    case triggerXCreated
    /// A task that was changed, likewise.
    case triggerXTask
    /// Something that is said in a channel that had so many subscribers.
    case broadcast(delivered: Int)
}
