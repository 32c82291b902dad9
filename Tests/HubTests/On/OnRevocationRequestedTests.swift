import Grid
import Testing

@testable import Hub

@Suite("Tokens taken back")
struct OnRevocationRequestedTests {
    let request = RequestID(session: SessionID(bits: 99), number: 1)

    @Test("Stored and accounted for, then the edges are told, then the operator")
    func order() {
        var scene = Scene()
        for subject in [Revocation.Subject.user(UserID("anna")), .token("7f"), .user(UserID("anna"))] {
            scene.wait(milliseconds: 5000)
            let expected = Revocation(subject, at: scene.now.wall)
            let effects = scene.apply(.revocationRequested(request, subject))
            guard case .revocation(let stored)? = effects.persisted.first,
                case .audit(let entry)? = effects.persisted.last,
                case .revoked(let told) = effects[effects.count - 2], case .answer(_, .recorded)? = effects.last
            else {
                Issue.record("\(effects)")
                return
            }
            #expect(stored == expected && told == expected && entry.kind == .tokensRevoked)
        }
    }

    @Test("Nonsense and too much of it are refused, and what is revoked already never is")
    func bounds() {
        var configuration = HubConfiguration()
        configuration.maximumRevocations = 2
        let stored = StoredState(
            revocations: [Revocation(.token("old"), at: Timestamp(milliseconds: 1))],
            coordinatorID: UUID128(high: 7, low: 7))
        var scene = Scene(stored, configuration: configuration)
        for subject in [
            Revocation.Subject.user(UserID("")), .token(""), .token(String(repeating: "t", count: 129)),
            .user(UserID(String(repeating: "u", count: 129))),
        ] {
            let effects = scene.apply(.revocationRequested(request, subject))
            #expect(effects.refusals == [.badRequest] && effects.count == 1)
        }
        #expect(scene.apply(.revocationRequested(request, .token("a"))).refusals.isEmpty)
        #expect(scene.apply(.revocationRequested(request, .token("b"))).refusals == [.unavailable])
        #expect(scene.apply(.revocationRequested(request, .token("old"))).refusals.isEmpty)
    }

    @Test("A user's tokens up to that moment are covered, and those that do not say when they were issued")
    func covers() {
        let at = Timestamp(milliseconds: 1_000_500)
        let user = Revocation(.user(UserID("u")), at: at)
        func covers(_ issued: Int64?) -> Bool {
            user.covers(
                user: UserID("u"), issuedAt: issued.map { Timestamp(milliseconds: $0) }, tokenID: "7f")
        }
        #expect(covers(nil) && covers(0) && covers(1_000_000) && covers(1_000_500))
        #expect(!covers(1_000_501) && !covers(1_001_000))
        #expect(!user.covers(user: UserID("v"), issuedAt: nil, tokenID: nil))
        let token = Revocation(.token("7f"), at: at)
        #expect(token.covers(user: UserID("v"), issuedAt: Timestamp(milliseconds: 9_000_000), tokenID: "7f"))
        #expect(!token.covers(user: UserID("v"), issuedAt: nil, tokenID: "7e"))
        #expect(!token.covers(user: UserID("v"), issuedAt: nil, tokenID: nil))
    }
}
