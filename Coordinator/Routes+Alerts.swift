internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `/api/v1/alerts`, `/predictions`, `/topology` and `/analytics`: what is known of the grid as a whole.
extension Routes {
    /// `GET`: a page of alerts, newest first. `POST`: raises one.
    func alerts(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        guard incoming.head.method == "POST" else {
            _ = try claims(incoming.head, .nodeRead)
            let before = try incoming.cursor { AlertCursor($0) }
            return incoming.ask(
                .alerts(try Self.filter(incoming), limit: try incoming.pageLimit(), before: before))
        }
        let sender = try claims(incoming.head, .broadcast).subject
        let content = try incoming.decoded { bytes throws(WireError) in try RESTCodec.alert(bytes) }
        let key = try incoming.idempotencyKey()
        try checkDisk()
        return incoming.push(
            .alertRequested(
                incoming.id,
                AlertRequest(id: AlertID(SecureRandom.uuid()), sender: sender, key: key, content: content)))
    }

    /// `GET …/{alert_id}`.
    func alert(_ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .nodeRead)
        return incoming.ask(.alert(try Self.alert(name)))
    }

    /// `POST …/acknowledge` and `…/resolve`.
    func step(_ wish: AlertWish, _ name: String, _ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let user = try claims(incoming.head, .admin).subject
        let alert = try Self.alert(name)
        try checkDisk()
        return incoming.push(.alertStepRequested(incoming.id, alert, wish, by: user))
    }

    /// `POST /api/v1/predictions`.
    func predict(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        let sender = try claims(incoming.head, .broadcast).subject
        let content = try incoming.decoded { bytes throws(WireError) in try RESTCodec.prediction(bytes) }
        let key = try incoming.idempotencyKey()
        try checkDisk()
        return incoming.push(
            .predictionRequested(
                incoming.id, PredictionRequest(id: SecureRandom.uuid(), sender: sender, key: key, content: content)))
    }

    /// `GET /api/v1/topology`.
    func topology(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .nodeRead)
        let after = try incoming.cursor { NodeID($0) }
        return incoming.ask(.topology(limit: try incoming.pageLimit(), after: after))
    }

    /// `GET /api/v1/analytics`.
    func analytics(_ incoming: IncomingRequest) throws(Refusal) -> HTTPDecision {
        _ = try claims(incoming.head, .analyticsRead)
        return incoming.ask(.analytics)
    }

    private static func alert(_ name: String) throws(Refusal) -> AlertID {
        guard let alert = AlertID(name) else { throw Refusal(.notFound, "no such alert") }
        return alert
    }

    /// Which alerts the request's parameters ask for; of `status` and `severity` several, with commas between them.
    private static func filter(_ incoming: IncomingRequest) throws(Refusal) -> AlertFilter {
        var filter = AlertFilter()
        filter.statuses = try names("status", incoming) { AlertStatus(rawValue: $0) }
        filter.severities = try names("severity", incoming) { AlertSeverity(rawValue: $0) }
        filter.kind = try incoming.parameter("kind")
        if let text = try incoming.parameter("node_id") {
            guard let node = NodeID(text) else { throw Refusal(.badRequest, "node_id is no node's identifier") }
            filter.node = node
        }
        return filter
    }

    private static func names<Value: Hashable>(
        _ parameter: String, _ incoming: IncomingRequest, _ read: (String) -> Value?
    ) throws(Refusal) -> Set<Value> {
        var values: Set<Value> = []
        guard let text = try incoming.parameter(parameter) else { return values }
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = read(String(name)) else {
                throw Refusal(.badRequest, "\(parameter) names none that an alert can have")
            }
            values.insert(value)
        }
        return values
    }

    // MARK: Answers

    /// The answer about a new alert, or the one that the same request raised before.
    static func raised(_ alert: Alert) -> HTTPResponse {
        var response = json(201) { RESTCodec.alert(alert, into: &$0) }
        response.headers.append(("Location", "/api/v1/alerts/\(alert.id)"))
        return response
    }
}
