internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// `POST /api/v1/notifications`: an administrator says something to everybody.
extension Routes {
    /// Decides about one request; it is answered when the notification is on disk.
    func notify(
        _ head: HTTPRequestHead, _ body: ByteBuffer, _ request: RequestID, _ connection: EdgeConnection
    ) -> HTTPDecision {
        guard head.method == "POST" else {
            return .respond(Self.methodNotAllowed("notifications are sent by POST", allowed: "POST"))
        }
        let claims: TokenClaims
        switch authorise(head, .admin) {
        case .turnedAway(let answer): return .respond(answer)
        case .known(let bearer): claims = bearer
        }
        guard Self.isJSON(head) else {
            return .respond(Self.refusal(415, .unsupportedMediaType, "the body is application/json"))
        }
        guard !readiness.isStalled else {
            return .respond(Self.refusal(503, .unavailable, "the store's disk is full"))
        }
        let key = head.headers["Idempotency-Key"]
        if let key, !Self.isName(key) {
            return .respond(
                Self.refusal(
                    400, .badRequest,
                    "an Idempotency-Key has 1 to \(Limits.idempotencyKeyBytes) visible ASCII characters"))
        }
        let content: NotificationContent
        do throws(WireError) {
            content = try body.notification()
        } catch {
            return .respond(
                Self.refusal(RESTCodec.status(for: error.refusal.code), error.refusal.code, error.refusal.message))
        }
        connection.edge.push(
            .notificationRequested(
                request,
                NotificationRequest(id: SecureRandom.uuid(), sender: claims.subject, key: key, content: content)))
        return .later
    }

    /// Whether the body is said to be JSON; parameters, such as a character set, do not matter.
    private static func isJSON(_ head: HTTPRequestHead) -> Bool {
        guard let type = head.headers["Content-Type"] else { return false }
        let essence = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        return essence.lowercased() == "application/json"
    }

    private static func isName(_ key: String) -> Bool {
        (1...Limits.idempotencyKeyBytes).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension ByteBuffer {
    fileprivate func notification() throws(WireError) -> NotificationContent {
        let result = withBytes { bytes in
            Result { () throws(WireError) in try RESTCodec.notification(bytes) }
        }
        return try result.get()
    }
}
