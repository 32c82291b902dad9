import Grid
import Testing

@testable import Hub

@Suite("What results usually cost")
struct UsualCostTests {
    @Test("A result is as dear as it costs beside the mean of those confirmed, within bounds")
    func percent() {
        var usual = UsualCost()
        #expect(usual.percent(of: 1000) == 100, "nobody knows yet")
        usual.note(0)
        #expect(usual.percent(of: 1000) == 100, "beside nothing everything is dear")
        usual = UsualCost()
        usual.note(500)
        usual.note(1500)
        #expect(usual.percent(of: 1000) == 100 && usual.percent(of: 3000) == 300 && usual.percent(of: 500) == 50)
        #expect(usual.percent(of: 0) == 25 && usual.percent(of: -7) == 25)
        #expect(usual.percent(of: .max) == 10_000 && usual.percent(of: 2_000_000) == 10_000)
        usual.note(.max)
        usual.note(.min)
        #expect(usual.percent(of: 1000) == 25)
    }

    @Test("The mean follows what is confirmed, and one result moves it little")
    func moves() {
        var usual = UsualCost()
        for _ in 0..<1000 { usual.note(1000) }
        usual.note(10_000)
        #expect((95...98).contains(usual.percent(of: 1000)))
        for _ in 0..<2000 { usual.note(10_000) }
        #expect((99...101).contains(usual.percent(of: 10_000)))
    }

    @Test("The chance is in proportion, never none, and certain for who has not proved itself")
    func chance() {
        let policy = ReplicationPolicy(leastBasisPoints: 500)
        #expect(policy.chance(verifiedResults: 9, stakePercent: 25) == 10_000)
        #expect(policy.chance(verifiedResults: 100) == 500)
        #expect(policy.chance(verifiedResults: 100, stakePercent: 25) == 125)
        #expect(policy.chance(verifiedResults: 100, stakePercent: 600) == 3000)
        #expect(policy.chance(verifiedResults: 100, stakePercent: 10_000) == 10_000)
        #expect(ReplicationPolicy(leastBasisPoints: 1).chance(verifiedResults: .max, stakePercent: 25) == 1)
        #expect(ReplicationPolicy(leastBasisPoints: 0).chance(verifiedResults: 0, stakePercent: 600) == 0)
    }

    @Test("A trusted node's dear results are run again more often than its cheap ones, also after a restart")
    func stakes() {
        var scene = TrustScene(nodes: 3) { $0.replicationBasisPoints = 500 }
        func task(_ milliseconds: Int64) -> TaskRecord {
            var record = scene.task(on: 1, "a")
            record.leases[0].pricePerHourMicros = 3_600_000
            record.leases[0].billableMilli = 1000
            record.leases[0].ranMilliseconds = milliseconds
            return record
        }
        var record = NodeTrust(node: .test(1))
        record.verifiedResults = 200
        var effects: [Effect] = []
        scene.scene.hub.keepTrust(record, &effects)
        scene.keep(effects)
        for _ in 0..<50 { scene.scene.hub.trust.usualCost.note(task(10_000).costMicroCredits) }
        func compared(_ milliseconds: Int64) -> Int {
            (0..<400).count { _ in
                let record = task(milliseconds)
                defer { scene.scene.hub.trust.comparisons = [:] }
                return scene.judge(record) == .awaitsCopy
            }
        }
        let (cheap, usual, dear) = (compared(2500), compared(10_000), compared(100_000))
        #expect(cheap < usual && usual < dear && (150...250).contains(dear), "\(cheap) \(usual) \(dear)")

        var original = task(10_000)
        original.state = .completed
        var copy = original
        copy.id = TaskID(UUID128(high: 8, low: 8))
        copy.isCheck = true
        copy.key = CheckPurpose.copy(of: original.id, .test(2)).key
        scene.restart([original, copy])
        #expect(scene.scene.hub.trust.usualCost.percent(of: 20_000) == 200)
    }
}
