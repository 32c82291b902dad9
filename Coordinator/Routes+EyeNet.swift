internal import Bytes
internal import Fanout
internal import Web

/// `/socket.io/`: EyeNet's clients, by Engine.IO over long-polling and WebSocket.
extension Routes {
    /// Decides about one request of an Engine.IO session, or for one.
    func eyenet(_ head: HTTPRequestHead, _ body: ByteBuffer, _ connection: EdgeConnection) -> HTTPDecision {
        var shared: [(String, String)] = []
        if let origin = head.headers["Origin"] {
            guard configuration.allowsOrigin(origin, host: head.headers["Host"]) else {
                connection.edge.counters.refusals[.origin] += 1
                return .respond(EngineLinks.answer(.forbidden))
            }
            shared = [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        }
        if head.method == "OPTIONS", !shared.isEmpty { return .respond(Self.enginePreflight(shared)) }
        let decision = connection.edge.engines.decide(head, body: body, on: connection, headers: shared) {
            open($0, $1, connection)
        }
        switch decision {
        case .elsewhere(let loop):
            guard loop < connection.edge.shared.crossings.loops.count else {
                return .respond(EngineLinks.answer(.unknownSession, headers: shared))
            }
            connection.edge.move(connection, to: loop)
            return .later
        case .http(let decision):
            if case .upgrade = decision { connection.role = .engine }
            return decision
        }
    }

    /// A session of that name, if there is room for it.
    private func open(
        _ transport: EngineIOTransport, _ sid: String, _ connection: EdgeConnection
    ) -> EngineLinks.Opening {
        guard readiness.isReady else {
            connection.edge.counters.refusals[.draining] += 1
            return .refused(
                .json(
                    503, Self.errorBody(code: "UNAVAILABLE", message: "the coordinator drains"),
                    headers: [("Retry-After", "\(RetryDelay.seconds())")], closes: true))
        }
        if let refusal = connection.admitEngine() { return .refused(refusal) }
        return .link(EyeNetLink(over: transport, sid: sid, on: connection))
    }

    /// What a browser asks before it lets a page of another origin send more than plain text.
    private static func enginePreflight(_ shared: [(String, String)]) -> HTTPResponse {
        HTTPResponse(
            status: 204,
            headers: shared + [
                ("Access-Control-Allow-Methods", "GET, POST"), ("Access-Control-Allow-Headers", "Content-Type"),
                ("Access-Control-Max-Age", "600"),
            ])
    }
}
