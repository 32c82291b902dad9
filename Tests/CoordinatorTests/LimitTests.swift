import Access
import Grid
import Reactor
import Testing

@testable import neurogrid_coordinator

@Suite("Byte budget")
struct ByteBudgetTests {
    private let rate = ByteBudget.Rate(messages: 100, messageBytes: 1 << 20)

    @Test func noMessageLimitIsNoByteLimit() { #expect(ByteBudget.Rate(messages: 0, messageBytes: 1 << 20) == nil) }

    @Test func theDocumentedLimitsFit() throws {
        let rate = try #require(rate)
        var budget = ByteBudget()
        // As many of the largest messages as may come a minute, evenly: nobody who keeps to the limits is held up.
        for message in 0..<500 {
            let now = 1 + UInt64(message) * 600_000_000
            #expect(budget.count(1 << 20, now: now, rate: rate) == nil, "message \(message)")
        }
    }

    @Test func theByteBeyondTheBurstWaits() throws {
        let rate = try #require(rate)
        var budget = ByteBudget()
        #expect(budget.count(rate.burst, now: 1, rate: rate) == nil)
        let held = budget.count(1, now: 1, rate: rate)
        let wait = try #require(held)
        #expect(budget.count(0, now: 1 + wait, rate: rate) == nil)
    }

    /// Whatever a peer sends, over any time what was read is the burst, the rate and one read more at most.
    @Test func aFloodIsHeldToTheRate() throws {
        let rate = try #require(ByteBudget.Rate(messages: 10, messageBytes: 10_000))
        var random = SystemRandomNumberGenerator()
        var budget = ByteBudget()
        var now: UInt64 = 1
        var read = 0
        while now < 600_000_000_000 {
            let bytes = Int.random(in: 1...256 << 10, using: &random)
            read += bytes
            if let wait = budget.count(bytes, now: now, rate: rate) { now += wait }
        }
        #expect(read <= rate.burst + rate.perSecond * 601 + 512 << 10)
        #expect(read >= rate.perSecond * 590)
    }

    @Test func timesThatGoBackwardsDoNoHarm() throws {
        let rate = try #require(rate)
        var budget = ByteBudget()
        _ = budget.count(1000, now: 5_000_000_000, rate: rate)
        #expect(budget.count(1000, now: 4_000_000_000, rate: rate) == nil)
        #expect(budget.count(1000, now: .max, rate: rate) == nil)
    }
}

@Suite("Connection budget")
struct ConnectionBudgetTests {
    @Test func theOneBeyondTheLimitIsTurnedAwayUntilOneEnds() {
        let budget = ConnectionBudget(limit: 3)
        for _ in 0..<3 { #expect(budget.admit()) }
        for _ in 0..<10 { #expect(!budget.admit()) }
        budget.release()
        #expect(budget.admit())
        #expect(!budget.admit())
    }

    @Test func descriptorsBoundWhatTheOperatorAllows() {
        #expect(ConnectionBudget.limit(configured: 0, descriptors: 20_000, reserve: 64) == 19_936)
        #expect(ConnectionBudget.limit(configured: 100, descriptors: 20_000, reserve: 64) == 100)
        #expect(ConnectionBudget.limit(configured: 50_000, descriptors: 1024, reserve: 64) == 960)
        #expect(ConnectionBudget.limit(configured: 0, descriptors: 10, reserve: 64) == 1)
    }
}

@Suite("Pulse")
struct PulseTests {
    @Test func oneThreadThatDoesNotAnswerIsMissed() {
        let pulse = Pulse(threads: 3)
        #expect(pulse.begin { _ in true }, "before the first beat nobody owes an answer")
        pulse.answer()
        pulse.answer()
        for _ in 0..<5 { #expect(!pulse.begin { _ in true }, "one has not answered") }
        pulse.answer()
        #expect(pulse.begin { _ in true })
        #expect(!pulse.begin { _ in true })
    }

    @Test func aThreadWhoseMailboxWasFullIsAskedAgainAndNobodyElseIs() {
        let pulse = Pulse(threads: 3)
        var asked: [Int] = []
        func ask(_ thread: Int) -> Bool {
            asked.append(thread)
            return asked.count > 5 || thread != 1
        }
        #expect(pulse.begin(ask: ask))
        pulse.answer()
        pulse.answer()
        for _ in 0..<3 { #expect(!pulse.begin(ask: ask), "a thread that could not be asked is not known to turn") }
        #expect(asked == [0, 1, 2, 1, 1, 1])
        pulse.answer()
        #expect(pulse.begin(ask: ask), "its mailbox had room in the end")
        #expect(asked.suffix(3) == [0, 1, 2])
    }
}

@Suite("Revocations")
struct RevocationsTests {
    private func claims(_ user: String, issued: Int64?, id: String? = nil) -> TokenClaims {
        TokenClaims(
            subject: UserID(user), permissions: [], expiresAt: Timestamp(milliseconds: 9_000_000_000_000),
            issuedAt: issued.map { Timestamp(milliseconds: $0) }, tokenID: id)
    }

    @Test func whatIsStoredAndWhatComesLaterCount() {
        let revocations = Revocations([Revocation(.user(UserID("u")), at: Timestamp(milliseconds: 5000))])
        #expect(revocations.covers(claims("u", issued: 5000)))
        #expect(revocations.covers(claims("u", issued: nil)))
        #expect(!revocations.covers(claims("u", issued: 6000)))
        #expect(!revocations.covers(claims("v", issued: 1000)))
        revocations.insert(Revocation(.token("7f"), at: Timestamp(milliseconds: 1)))
        #expect(revocations.covers(claims("v", issued: 6000, id: "7f")))
        // An older word does not take back a newer one.
        revocations.insert(Revocation(.user(UserID("u")), at: Timestamp(milliseconds: 1000)))
        #expect(revocations.covers(claims("u", issued: 5000)))
    }

    @Test func aRevokedTokenIsRefusedThoughItsSignatureHolds() throws {
        let secret = try SigningSecret(bytes: Array(repeating: 7, count: 32))
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let text = JWTSigner(secret: secret).mint(
            TokenClaims(
                subject: UserID("u"), permissions: [.nodeRead], expiresAt: now.adding(milliseconds: 60_000),
                issuedAt: now, tokenID: "7f"))
        let revocations = Revocations()
        let authenticator = Authenticator(
            verifier: try JWTVerifier(configuration: JWTConfiguration(keys: [JWTKey(secret: secret)])),
            revocations: revocations)
        #expect(try authenticator.verify(text, now: now).get().tokenID == "7f")
        revocations.insert(Revocation(.token("7f"), at: now))
        guard case .failure(let rejection) = authenticator.verify(text, now: now) else {
            Issue.record("taken")
            return
        }
        #expect(rejection.refusal.code == .invalidToken)
    }
}
