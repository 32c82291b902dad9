import Grid
import Testing

@testable import Hub

@Suite("An operator's token")
struct OnTokenRequestedTests {
    let request = RequestID(session: SessionID(bits: 99), number: 1)

    @Test("Its user is remembered once, its minting each time, before it may be shown")
    func remembered() {
        var scene = Scene()
        for hasUser in [true, false] {
            let effects = scene.apply(.tokenRequested(request, UserID("anna"), [.nodeRead, .admin]))
            let users = effects.persisted.filter { if case .user = $0 { true } else { false } }
            #expect(users.isEmpty == !hasUser)
            guard case .audit(let entry)? = effects.persisted.last, case .answer(_, .recorded)? = effects.last else {
                Issue.record("an account, then the answer: \(effects)")
                return
            }
            #expect(entry.kind == .tokenMinted && entry.user == UserID("anna") && entry.detail == "node:read,admin")
        }
        let enrolment = scene.enrol(.test(1), token: 1, owner: "anna")
        #expect(!enrolment.persisted.contains { if case .user = $0 { true } else { false } })
    }

    @Test("A user without a name, or with too long a one, is refused and nothing is kept")
    func nonsense() {
        var scene = Scene()
        for name in ["", String(repeating: "u", count: Limits.userIDBytes + 1)] {
            let effects = scene.apply(.tokenRequested(request, UserID(name), []))
            #expect(effects.refusals == [.badRequest] && effects.count == 1)
        }
    }
}
