import Grid
import Testing

@testable import Hub

/// What the Hub makes of operators' and programs' wishes about keys, against a list kept by hand; now and then it is
/// rebuilt from what it stored.
@Suite("API keys, whatever happens")
struct APIKeyPropertyTests {
    /// The Hub, what it stored, what the edges were told, and what should be.
    private struct World {
        var scene: Scene
        var configuration: HubConfiguration
        var stored: [APIKeyID: APIKeyRecord] = [:]
        var edges: [APIKeyID: Bool] = [:]
        var expected: [APIKeyRecord] = []
        var uses: [APIKeyID: [Timestamp]] = [:]
        var audits = 0
        var expectedAudits = 0
        var dice: Dice
        var next: UInt64 = 1

        init(seed: UInt64, most: Int) {
            configuration = HubConfiguration()
            configuration.maximumAPIKeys = most
            scene = Scene(configuration: configuration)
            dice = Dice(seed)
        }

        mutating func apply(_ event: HubEvent) -> Answer? {
            var answer: Answer?
            for effect in scene.apply(event) {
                switch effect {
                case .persist(.apiKey(let record)):
                    if record.lastUsedAt != stored[record.id]?.lastUsedAt {
                        uses[record.id, default: []].append(record.lastUsedAt!)
                    }
                    stored[record.id] = record
                case .persist(.apiKeyForgotten(let id)): stored[id] = nil
                case .persist(.audit): audits += 1
                case .apiKeyChanged(let record): edges[record.id] = record.isActive
                case .answer(_, let given): answer = given
                default: break
                }
            }
            return answer
        }

        mutating func step() {
            scene.wait(milliseconds: Int64.random(in: 0...40_000, using: &dice))
            switch Int.random(in: 0..<10, using: &dice) {
            case 0..<3: create()
            case 3, 4: revoke()
            case 5..<9: use()
            default: restart()
            }
        }

        private let request = RequestID(session: SessionID(bits: 99), number: 1)

        private mutating func create() {
            let term = Bool.random(using: &dice) ? Int64.random(in: 1...400, using: &dice) : nil
            let record = APIKeyRecord(
                id: .test(next), digest: .test(UInt8(truncatingIfNeeded: next)), owner: UserID("u\(next % 3)"),
                name: "key \(next)", ratePerMinute: Int.random(in: 0...1000, using: &dice), createdAt: scene.now.wall,
                expiresAt: term.map { scene.now.wall.adding(milliseconds: $0 * 1000) })
            next += 1
            let wish = APIKeyRequest(
                id: record.id, digest: record.digest, owner: record.owner, name: record.name,
                ratePerMinute: record.ratePerMinute, timeToLiveSeconds: term)
            let answer = apply(.apiKeyRequested(request, wish))
            if expected.count == configuration.maximumAPIKeys {
                let ended = expected.filter { key in
                    key.revokedAt != nil || key.expiresAt.map { $0 <= scene.now.wall } ?? false
                }
                let oldest = ended.min {
                    ($0.revokedAt ?? $0.expiresAt!, $0.id) < ($1.revokedAt ?? $1.expiresAt!, $1.id)
                }
                guard let oldest else {
                    if case .refused? = answer { return }
                    Issue.record("no room, yet \(answer as Any)")
                    return
                }
                expected.removeAll { $0.id == oldest.id }
            }
            guard case .recorded? = answer else {
                Issue.record("not made: \(answer as Any)")
                return
            }
            expected.append(record)
            expectedAudits += 1
        }

        private mutating func revoke() {
            let number = UInt64.random(in: 0...next, using: &dice)
            let place = expected.firstIndex { $0.id == .test(number) }
            let byID = Bool.random(using: &dice)
            // Digests here are of one byte: beyond 255 keys they would meet.
            let reference = byID ? APIKeyReference.id(.test(number)) : .digest(.test(UInt8(truncatingIfNeeded: number)))
            let answer = apply(.apiKeyRevocationRequested(request, reference))
            guard let place else {
                if case .refused(let refusal)? = answer, refusal.code == .notFound { return }
                Issue.record("an unknown key: \(answer as Any)")
                return
            }
            if expected[place].isActive {
                expected[place].revokedAt = scene.now.wall
                expectedAudits += 1
            }
            if case .apiKey(let record)? = answer, record == expected[place] { return }
            Issue.record("not \(expected[place]): \(answer as Any)")
        }

        private mutating func use() {
            let number = UInt64.random(in: 0...next, using: &dice)
            if let answer = apply(.apiKeyUsed(.test(number))) { Issue.record("nobody asked: \(answer)") }
            guard let place = expected.firstIndex(where: { $0.id == .test(number) }), expected[place].isActive else {
                return
            }
            let last = expected[place].lastUsedAt
            if last.map({ scene.now.wall.milliseconds - $0.milliseconds >= 60_000 }) ?? true {
                expected[place].lastUsedAt = scene.now.wall
            }
        }

        private mutating func restart() {
            var state = Scene.empty
            state.apiKeys = Array(stored.values)
            let now = scene.now
            scene = Scene(state, configuration: configuration)
            scene.now = now
        }

        mutating func check() {
            guard case .apiKeys(let listed)? = apply(.query(request, .apiKeys(nil))) else {
                Issue.record("no list")
                return
            }
            #expect(listed == expected.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) })
            #expect(Set(stored.values) == Set(expected))
            #expect(Set(edges.filter(\.value).keys) == Set(expected.filter(\.isActive).map(\.id)))
            #expect(audits == expectedAudits)
            for times in uses.values {
                for (earlier, later) in zip(times, times.dropFirst()) {
                    #expect(later.milliseconds - earlier.milliseconds >= 60_000, "a use was stored too soon")
                }
            }
        }
    }

    @Test("Stored, listed and told to the edges alike", arguments: 1...40)
    func agreement(seed: UInt64) {
        var world = World(seed: seed, most: 4 + Int(seed % 5))
        for _ in 0..<150 {
            world.step()
            world.check()
        }
        #expect(world.next > 10)
    }
}
