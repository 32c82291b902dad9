import Access
import Bytes
import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

@Suite struct OperatorRequestTests {
    private func read(_ request: OperatorRequest) -> OperatorRequest? {
        request.body.withBytes { OperatorRequest(path: request.path, body: $0) }
    }

    private func read(_ path: String, _ text: String) -> OperatorRequest? {
        Array(text.utf8).withUnsafeBytes { OperatorRequest(path: path, body: $0) }
    }

    private func enrolment(
        owner: String = "owner \"quoted\"", name: String = "näme\n", price: Int64? = 400_000, ttl: Int64 = 900
    ) -> OperatorRequest {
        .enroll(
            .init(
                owner: owner, name: name, location: NodeLocation(region: "eu", city: "Dublin", country: "Ireland"),
                pricePerHourMicros: price, timeToLiveSeconds: ttl))
    }

    @Test(arguments: [nil, 0, 400_000] as [Int64?])
    func anEnrolmentComesBackWhole(price: Int64?) throws {
        guard case .enroll(let back)? = read(enrolment(price: price)) else {
            Issue.record("an enrolment was not read")
            return
        }
        #expect(back.owner == "owner \"quoted\"")
        #expect(back.name == "näme\n")
        #expect(back.location == NodeLocation(region: "eu", city: "Dublin", country: "Ireland"))
        #expect(back.pricePerHourMicros == price)
        #expect(back.timeToLiveSeconds == 900)
    }

    @Test func aTokenOrderComesBackWhole() {
        let order = OperatorRequest.token(
            .init(user: "u", permissions: [.nodeRead, .admin], timeToLiveSeconds: 60, region: nil))
        guard case .token(let back)? = read(order) else {
            Issue.record("an order was not read")
            return
        }
        #expect(back.user == "u")
        #expect(back.permissions == [.nodeRead, .admin])
        #expect(back.timeToLiveSeconds == 60)
        #expect(back.region == nil)
    }

    @Test(arguments: [Revocation.Subject.user(UserID("u \"x\"")), .token("7f")])
    func aRevocationComesBackWhole(subject: Revocation.Subject) {
        guard case .revoke(subject)? = read(.revoke(subject)) else {
            Issue.record("a revocation was not read")
            return
        }
        #expect(OperatorRequest.revoke(subject).fault == nil)
    }

    @Test(arguments: [nil, "k 1"] as [String?])
    func aDepositComesBackWhole(key: String?) throws {
        let order = OperatorRequest.deposit(.init(user: "u", currency: .neuro, amountMicros: 1, key: key))
        guard case .deposit(let back)? = read(order) else {
            Issue.record("a deposit was not read")
            return
        }
        #expect(back.user == "u" && back.currency == .neuro && back.amountMicros == 1 && back.key == key)
        #expect(order.fault == nil)
        let request = RequestID(session: SessionID(bits: 1), number: 1)
        let signer = JWTSigner(secret: try SigningSecret(bytes: Array(repeating: 7, count: 32)))
        guard case .depositRequested(request, let wish) = ControlDesk.prepare(order, request: request, signer: signer).0
        else {
            Issue.record("another event")
            return
        }
        #expect(wish.user == UserID("u") && wish.amountMicros == 1 && wish.key == key)
    }

    @Test(arguments: [
        "{}", #"{"user":"u","currency":"usd","amount_micros":1}"#, #"{"user":"u","currency":"USD"}"#,
        #"{"user":"u","currency":"USD","amount_micros":1.5}"#, #"{"currency":"USD","amount_micros":1}"#,
    ])
    func whatIsNoDepositIsNone(text: String) { #expect(read("/control/deposit", text) == nil) }

    @Test func depositsAreBounded() {
        func fault(_ micros: Int64, user: String = "u", key: String? = nil) -> String? {
            OperatorRequest.deposit(.init(user: user, currency: .usd, amountMicros: micros, key: key)).fault
        }
        #expect(fault(1) == nil && fault(Limits.depositMicros) == nil)
        for micros in [0, -1, Limits.depositMicros + 1, .max, .min] { #expect(fault(micros) != nil) }
        #expect(fault(1, user: "") != nil && fault(1, key: "") != nil)
        #expect(fault(1, key: String(repeating: "k", count: Limits.idempotencyKeyBytes + 1)) != nil)
    }

    @Test func aDepositTellsWhatCameOfIt() throws {
        let transfer = LedgerTransfer(
            number: 1, id: UUID128(high: 1, low: 2), at: Timestamp(milliseconds: 0), kind: .deposit, debit: .world,
            credit: .available(UserID("u")), currency: .usd, amountMicros: 100_000_000)
        let balance = Balance(currency: .usd, availableMicros: 250_500_000, lockedMicros: 1)
        #expect(
            try ControlDesk.output(of: .deposited(transfer, balance), secret: "")
                == "\(transfer.id)  100.00 USD, available 250.50 USD")
        #expect(throws: Refusal.self) {
            try ControlDesk.output(of: .refused(Refusal(.idempotencyConflict, "no")), secret: "")
        }
    }

    @Test(arguments: ["{}", #"{"user":1}"#, #"{"user":"u","token_id":"t"}"#, #"{"id":"t"}"#])
    func whatIsNoRevocationIsNone(text: String) { #expect(read("/control/revoke", text) == nil) }

    @Test func aRevocationNeedsASubject() {
        #expect(OperatorRequest.revoke(.user(UserID(""))).fault != nil)
        #expect(OperatorRequest.revoke(.token(String(repeating: "t", count: Limits.tokenIDBytes + 1))).fault != nil)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", #"{"owner":"o"}"#, #"{"owner":"o","name":"n"}"#,
        #"{"owner":1,"name":"n","ttl_seconds":1}"#, #"{"owner":"o","name":"n","ttl_seconds":1} x"#,
        #"{"owner":"o","name":"n","ttl_seconds":1.5}"#, #"{"owner":"o","name":"n","ttl_seconds":99999999999999999999}"#,
    ])
    func whatIsNoEnrolmentIsNone(text: String) { #expect(read("/control/enroll", text) == nil) }

    @Test(arguments: [
        "{}", #"{"user":"u","ttl_seconds":1}"#, #"{"user":"u","permissions":-1,"ttl_seconds":1}"#,
        #"{"user":"u","permissions":256,"ttl_seconds":1}"#, #"{"user":"u","permissions":"admin","ttl_seconds":1}"#,
    ])
    func whatIsNoTokenOrderIsNone(text: String) { #expect(read("/control/token", text) == nil) }

    @Test func otherPathsAreNoRequests() {
        #expect(read("/control/other", #"{"user":"u","permissions":1,"ttl_seconds":1}"#) == nil)
    }

    @Test func boundsHold() {
        #expect(enrolment().fault == nil)
        #expect(enrolment(owner: String(repeating: "o", count: Limits.userIDBytes)).fault == nil)
        #expect(enrolment(owner: String(repeating: "o", count: Limits.userIDBytes + 1)).fault != nil)
        #expect(enrolment(owner: "").fault == "owner is empty")
        #expect(enrolment(name: "").fault == "name is empty")
        #expect(enrolment(name: String(repeating: "n", count: Limits.nodeNameBytes + 1)).fault != nil)
        #expect(enrolment(price: -1).fault != nil)
        for seconds in [1, 7 * 86_400] as [Int64] { #expect(enrolment(ttl: seconds).fault == nil) }
        for seconds in [Int64.min, 0, 7 * 86_400 + 1, .max] { #expect(enrolment(ttl: seconds).fault != nil) }
        func token(_ user: String, _ seconds: Int64) -> String? {
            OperatorRequest.token(.init(user: user, permissions: [], timeToLiveSeconds: seconds, region: nil)).fault
        }
        #expect(token("u", 1) == nil)
        #expect(token("u", 366 * 86_400) == nil)
        #expect(token("u", 366 * 86_400 + 1) != nil)
        #expect(token("u", 0) != nil)
        #expect(token("", 1) != nil)
    }

    @Test func aMintedTokenIsOneThatTheCoordinatorTakes() throws {
        let secret = try SigningSecret(bytes: Array(repeating: 7, count: 32))
        let order = OperatorRequest.token(
            .init(user: "u", permissions: [.nodeRead], timeToLiveSeconds: 60, region: "eu"))
        let request = RequestID(session: SessionID(bits: 1), number: 1)
        let (event, text) = ControlDesk.prepare(
            order, request: request, signer: JWTSigner(secret: secret), issuer: "grid", audience: "clients")
        let strict = Authenticator(
            verifier: try JWTVerifier(
                configuration: JWTConfiguration(
                    keys: [JWTKey(secret: secret)], issuer: "grid", audience: "clients")))
        let claims = try strict.verify(text, now: HubDesk.now().wall).get()
        #expect(claims.subject == UserID("u"))
        #expect(claims.region == "eu")
        guard case .tokenRequested(request, UserID("u"), [.nodeRead]) = event else {
            Issue.record("another event")
            return
        }
    }
}
