import Grid
import Testing

@testable import Hub

@Suite("API keys made, taken back and used")
struct OnAPIKeyRequestedTests {
    let request = RequestID(session: SessionID(bits: 99), number: 1)

    private func wish(
        _ number: UInt8, owner: String = "anna", name: String = "ci", rate: Int = 600, term: Int64? = nil
    ) -> APIKeyRequest {
        APIKeyRequest(
            id: .test(UInt64(number)), digest: .test(number), owner: UserID(owner), name: name, ratePerMinute: rate,
            timeToLiveSeconds: term)
    }

    @Test("Stored and accounted for, then the edges are told, then the operator")
    func creation() {
        var scene = Scene()
        let effects = scene.apply(.apiKeyRequested(request, wish(1)))
        #expect(effects.persisted.count == 3)
        guard case .user(let user)? = effects.persisted.first, case .apiKey(let stored) = effects.persisted[1],
            case .audit(let entry)? = effects.persisted.last,
            case .apiKeyChanged(let told) = effects[effects.count - 2], case .answer(_, .recorded)? = effects.last
        else {
            Issue.record("\(effects)")
            return
        }
        #expect(user.id == UserID("anna") && stored == told && stored.isActive && stored.lastUsedAt == nil)
        #expect(stored.createdAt == scene.now.wall && stored.ratePerMinute == 600 && stored.name == "ci")
        #expect(entry.kind == .apiKeyCreated && entry.user == UserID("anna") && entry.detail == "\(stored.id) ci")
        // The user is known now, and a key without a name is accounted for by its identifier.
        let second = scene.apply(.apiKeyRequested(request, wish(2, name: "")))
        #expect(second.persisted.count == 2 && second.audits.first?.detail == "\(APIKeyID.test(2))")
    }

    @Test("Nonsense is refused, and changes nothing")
    func bounds() {
        var scene = Scene()
        scene.apply(.apiKeyRequested(request, wish(1)))
        let long = String(repeating: "x", count: 129)
        var sameID = wish(9)
        sameID.id = .test(1)
        for bad in [
            wish(2, owner: ""), wish(2, owner: long), wish(2, name: long), wish(2, rate: -1),
            wish(2, rate: 1_000_001), wish(2, term: 0), wish(2, term: -1), wish(2, term: 366 * 86_400 + 1),
            wish(2, term: .max), wish(1), sameID,
        ] {
            let effects = scene.apply(.apiKeyRequested(request, bad))
            #expect(effects.refusals == [.badRequest] && effects.count == 1)
        }
        for good in [
            wish(3, rate: 0), wish(4, rate: 1_000_000), wish(5, name: String(long.dropLast())), wish(7, term: 1),
            wish(8, term: 366 * 86_400),
        ] {
            #expect(scene.apply(.apiKeyRequested(request, good)).refusals.isEmpty)
        }
        scene.apply(.drainStarted)
        #expect(scene.apply(.apiKeyRequested(request, wish(6))).refusals == [.unavailable])
    }

    @Test("Where there are as many as may be, the one that was taken back longest ago makes room")
    func room() {
        var configuration = HubConfiguration()
        configuration.maximumAPIKeys = 2
        var scene = Scene(configuration: configuration)
        for number in [UInt8(1), 2] { scene.apply(.apiKeyRequested(request, wish(number))) }
        #expect(scene.apply(.apiKeyRequested(request, wish(3))).refusals == [.unavailable])
        scene.apply(.apiKeyRevocationRequested(request, .id(.test(2))))
        let effects = scene.apply(.apiKeyRequested(request, wish(3)))
        #expect(effects.persisted.first == .apiKeyForgotten(.test(2)) && effects.refusals.isEmpty)
        #expect(scene.apply(.apiKeyRevocationRequested(request, .digest(.test(2)))).refusals == [.notFound])
    }

    @Test("A term begins when the key is made, and nothing happens by itself when it is over")
    func term() throws {
        var scene = Scene()
        let made = scene.now.wall
        let effects = scene.apply(.apiKeyRequested(request, wish(1, term: 90)))
        let stored = effects.persisted.compactMap { if case .apiKey(let record) = $0 { record } else { nil } }
        #expect(stored.map(\.expiresAt) == [made.adding(milliseconds: 90_000)])
        #expect(
            scene.apply(.apiKeyRequested(request, wish(2))).persisted.contains { change in
                if case .apiKey(let record) = change { record.expiresAt == nil } else { false }
            })
        scene.wait(milliseconds: 90_000)
        guard case .answer(_, .apiKeys(let listed))? = scene.apply(.query(request, .apiKeys(nil))).last else {
            Issue.record("no list")
            return
        }
        #expect(listed.first?.expiresAt == made.adding(milliseconds: 90_000) && listed.first?.isActive == true)
        // It can be taken back all the same.
        let after = scene.apply(.apiKeyRevocationRequested(request, .id(.test(1))))
        guard case .answer(_, .apiKey(let answered))? = after.last else { return }
        #expect(answered.revokedAt == scene.now.wall && answered.expiresAt == listed.first?.expiresAt)
    }

    @Test("One whose term is over makes room too, and the edges are told to forget it")
    func roomOfTerms() {
        var configuration = HubConfiguration()
        configuration.maximumAPIKeys = 2
        var scene = Scene(configuration: configuration)
        scene.apply(.apiKeyRequested(request, wish(1)))
        scene.apply(.apiKeyRequested(request, wish(2, term: 60)))
        scene.wait(milliseconds: 59_999)
        #expect(scene.apply(.apiKeyRequested(request, wish(3))).refusals == [.unavailable])
        scene.wait(milliseconds: 1)
        let effects = scene.apply(.apiKeyRequested(request, wish(3)))
        #expect(effects.persisted.first == .apiKeyForgotten(.test(2)) && effects.refusals.isEmpty)
        let told = effects.compactMap { if case .apiKeyChanged(let record) = $0 { record } else { nil } }
        #expect(told.map(\.id) == [.test(2), .test(3)] && told.map(\.isActive) == [false, true])
    }

    @Test("Taken back: stored and accounted for once, told to the edges and the operator each time")
    func revocation() {
        var scene = Scene()
        scene.apply(.apiKeyRequested(request, wish(1)))
        scene.wait(milliseconds: 5000)
        let at = scene.now.wall
        for (turn, reference) in [APIKeyReference.id(.test(1)), .digest(.test(1)), .id(.test(1))].enumerated() {
            let effects = scene.apply(.apiKeyRevocationRequested(request, reference))
            guard case .apiKey(let stored)? = effects.persisted.first,
                case .apiKeyChanged(let told) = effects[effects.count - 2],
                case .answer(_, .apiKey(let answered))? = effects.last
            else {
                Issue.record("\(effects)")
                return
            }
            #expect(stored == told && told == answered && !told.isActive && told.revokedAt == at)
            #expect(effects.audits.map(\.kind) == (turn == 0 ? [.apiKeyRevoked] : []))
            scene.wait(milliseconds: 5000)
        }
        #expect(scene.apply(.apiKeyRevocationRequested(request, .id(.test(7)))).refusals == [.notFound])
        #expect(scene.apply(.apiKeyUsed(.test(1))).isEmpty, "its use is over")
    }

    @Test("A use is noted at once, and then at most once a minute")
    func uses() {
        var scene = Scene()
        scene.apply(.apiKeyRequested(request, wish(1)))
        var noted: [Int] = []
        for second in 0..<181 {
            let effects = scene.apply(.apiKeyUsed(.test(1)))
            if !effects.isEmpty {
                noted.append(second)
                guard effects.count == 1, case .persist(.apiKey(let record)) = effects[0] else {
                    Issue.record("\(effects)")
                    return
                }
                #expect(record.lastUsedAt == scene.now.wall && record.isActive)
            }
            scene.wait(milliseconds: 1000)
        }
        #expect(noted == [0, 60, 120, 180])
        #expect(scene.apply(.apiKeyUsed(.test(2))).isEmpty, "nobody's key")
        // The wall clock was set back: what is noted stays.
        scene.now.wall = scene.now.wall.adding(milliseconds: -3_600_000)
        #expect(scene.apply(.apiKeyUsed(.test(1))).isEmpty)
    }
}
