internal import Access
internal import Bytes
internal import Fanout
internal import Grid
internal import Hub
internal import Web
internal import Wire

/// The operator's socket (`DATA_DIR/control.sock`, 0600): whoever can open it may do what the operator may.
///
/// A request becomes an event of the Hub; its secret is shown once the Store has kept what stands behind it.
enum ControlDesk {
    /// Decides about one request on the control socket.
    static func decide(
        _ head: HTTPRequestHead, body: ByteBuffer, request: RequestID, connection: EdgeConnection
    ) -> HTTPDecision {
        guard head.method == "POST" else {
            return .respond(Routes.refusal(405, .methodNotAllowed, "the control socket takes POST"))
        }
        guard let order = body.withBytes({ OperatorRequest(path: head.path, body: $0) }) else {
            return .respond(Routes.refusal(400, .badRequest, "no such request"))
        }
        if let fault = order.fault { return .respond(Routes.refusal(400, .badRequest, fault)) }
        if connection.edge.shared.readiness.isStalled {
            return .respond(Routes.refusal(503, .unavailable, "the store's disk is full"))
        }
        let shared = connection.edge.shared
        if case .token = order, !shared.configuration.jwtAlgorithms.contains(.hs256) {
            return .respond(
                Routes.refusal(409, .badRequest, "this coordinator takes no HS256 tokens (auth.jwt.algorithms)"))
        }
        let (event, secret) = prepare(
            order, request: request, signer: shared.signer, issuer: shared.configuration.jwtIssuer,
            audience: shared.configuration.jwtAudience)
        connection.secretOfRequest = secret
        connection.edge.push(event)
        return .later
    }

    /// The Hub's event for a request, and the secret that its success reveals, if it has one.
    ///
    /// - Parameters:
    ///   - issuer: what the coordinator demands of tokens as `iss`, if it does.
    ///   - audience: what it demands as `aud`.
    static func prepare(
        _ order: OperatorRequest, request: RequestID, signer: JWTSigner, issuer: String? = nil,
        audience: String? = nil
    ) -> (HubEvent, String) {
        switch order {
        case .enroll(let enrolment):
            let token = JoinToken.mint()
            let event = HubEvent.enrolmentRequested(
                request,
                EnrolmentRequest(
                    node: NodeID(SecureRandom.uuid()), owner: UserID(enrolment.owner), name: enrolment.name,
                    location: enrolment.location, pricePerHourMicros: enrolment.pricePerHourMicros,
                    tokenDigest: token.digest, timeToLiveSeconds: enrolment.timeToLiveSeconds))
            return (event, token.text)
        case .token(let order):
            let now = HubDesk.now().wall
            let claims = TokenClaims(
                subject: UserID(order.user), permissions: order.permissions,
                expiresAt: now.adding(milliseconds: order.timeToLiveSeconds * 1000), issuedAt: now,
                issuer: issuer, audience: audience.map { [$0] } ?? [], tokenID: SecureRandom.uuid().description,
                region: order.region)
            let text = signer.mint(claims)
            return (.tokenRequested(request, UserID(order.user), order.permissions), text)
        case .revoke(let subject):
            return (.revocationRequested(request, subject), "revoked")
        case .deposit(let deposit):
            let wish = DepositRequest(
                id: SecureRandom.uuid(), user: UserID(deposit.user), currency: deposit.currency,
                amountMicros: deposit.amountMicros, key: deposit.key)
            return (.depositRequested(request, wish), "")
        case .createKey(let order):
            let key = APIKey.mint()
            let wish = APIKeyRequest(
                id: APIKeyID(SecureRandom.uuid()), digest: key.digest, owner: UserID(order.user), name: order.name,
                ratePerMinute: Int(order.ratePerMinute), timeToLiveSeconds: order.timeToLiveSeconds)
            return (.apiKeyRequested(request, wish), key.text)
        case .listKeys(let user):
            return (.query(request, .apiKeys(user.map { UserID($0) })), "")
        case .revokeKey(let reference):
            return (.apiKeyRevocationRequested(request, reference), "")
        }
    }

    /// What the operator's command prints, now that what stands behind it is kept.
    ///
    /// - Throws: the Hub's refusal.
    static func output(of answer: Answer, secret: String) throws(Refusal) -> String {
        switch answer {
        case .enrolled, .recorded: return secret
        case .deposited(let transfer, let balance):
            let currency = transfer.currency.code
            return "\(transfer.id)  \(DecimalAmount.text(transfer.amountMicros)) \(currency), available "
                + "\(DecimalAmount.text(balance.availableMicros)) \(currency)"
        case .apiKeys(let keys): return APIKeyListCommand.text(keys)
        case .apiKey(let key): return "revoked \(key.id)"
        case .refused(let refusal): throw refusal
        case .nodes, .node, .notified, .submitted, .tasks, .task, .taskLog, .jobs, .job, .balances, .trust,
            .alertRaised, .alert, .alerts, .predicted, .topology, .analytics, .broadcast:
            preconditionFailure("an operator asks for no such thing")
        }
    }

    /// The answer to the operator's command.
    static func response(to answer: Answer, secret: String) -> HTTPResponse {
        do throws(Refusal) {
            var writer = JSONWriter()
            writer.beginObject()
            if case .enrolled(let node) = answer { writer.field("node_id", node.description) }
            writer.field("output", try output(of: answer, secret: secret))
            writer.endObject()
            return .json(201, writer.buffer)
        } catch {
            return Routes.refusal(409, error.code, error.message)
        }
    }
}
