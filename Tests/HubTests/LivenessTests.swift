import Grid
import Testing

@testable import Hub

@Suite("Liveness")
struct LivenessTests {
    let node = NodeID.test(5)

    func alive() -> Scene {
        var scene = Scene()
        scene.admit(node, session: 1, token: 1)
        return scene
    }

    @Test("A node is offline exactly at its lease's end, not a nanosecond earlier")
    func deadline() {
        var scene = alive()
        let end = scene.now.monotonicNanoseconds + 10_000_000_000
        #expect(scene.hub.nextDeadlineNanoseconds == end)
        scene.now.monotonicNanoseconds = end - 1
        #expect(scene.apply(.timePassed).isEmpty)
        #expect(scene.summary(node)?.status == .online)
        scene.now.monotonicNanoseconds = end
        scene.apply(.timePassed)
        #expect(scene.summary(node)?.status == .offline)
        #expect(scene.hub.leases.earliest == nil && scene.hub.windows.earliest == nil)
    }

    @Test("Every sign of life renews the lease: a heartbeat, a sample, a double, a late sample")
    func renewal() {
        for sign in 0..<4 {
            var scene = alive()
            scene.send(1, 1)
            #expect(scene.run(milliseconds: 9999).statuses.isEmpty)
            switch sign {
            case 0: scene.apply(.agentHeard(SessionID(bits: 1)))
            case 1: scene.send(1, 2)
            case 2: scene.send(1, 1)
            default: scene.send(1, 2) { $0.takenAt = $0.takenAt.adding(milliseconds: -60_000) }
            }
            scene.run(milliseconds: 9999)
            #expect(scene.summary(node)?.status == .online, "sign \(sign)")
            scene.run(milliseconds: 1)
            #expect(scene.summary(node)?.status == .offline, "sign \(sign)")
        }
    }

    @Test("The offline event has no readings, says why, and filters see its new status")
    func offline() {
        var scene = alive()
        scene.open(7)
        var filter = RoomFilter()
        filter.statuses = ["offline"]
        scene.join(7, .base(.nodes), filter)
        scene.send(1, 1)
        scene.run(milliseconds: 10_000)
        let change = scene.effects.statuses.first
        #expect(change?.status == .offline && change?.previous == .online)
        #expect(change?.sample == nil && change?.updatedAt == scene.now.wall)
        #expect(change?.health.score == 20 && change?.health.reasons.first?.code == "lease_lost")
        #expect(change?.health.coveragePercent == 0)
        #expect(scene.summary(node)?.latestSample != nil, "a read still shows the last sample")
    }

    @Test("A connection closed without goodbye is silence; with one the node is offline at once")
    func closing() {
        var scene = alive()
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: false))
        #expect(scene.summary(node)?.status == .online && scene.summary(node)?.isConnected == false)
        scene.run(milliseconds: 10_000)
        #expect(scene.summary(node)?.status == .offline)

        var other = alive()
        other.open(7)
        other.join(7, .base(.nodes))
        let effects = other.apply(.agentGone(SessionID(bits: 1), goodbye: true))
        #expect(effects.statuses.map(\.status) == [.offline])
        #expect(effects.statuses.first?.health.reasons.map(\.code) == ["agent_stopped"])
        #expect(other.run(milliseconds: 20_000).statuses.isEmpty, "told once")
    }

    @Test("A node that went offline is online again with its next session, or the next word of the same one")
    func comeback() {
        var scene = alive()
        scene.open(7)
        scene.join(7, .base(.nodes))
        #expect(scene.run(milliseconds: 10_000).statuses.map(\.status) == [.offline])
        let back = scene.apply(.agentHeard(SessionID(bits: 1))).statuses
        #expect(back.map(\.status) == [.online] && back.first?.previous == .offline)
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: true))
        #expect(scene.prove(2, node).statuses.map(\.status) == [.online])
    }

    @Test("An event of a return carries no readings from before")
    func staleReadings() {
        var scene = alive()
        scene.send(1, 1)
        scene.run(milliseconds: 60_000)
        scene.open(7)
        scene.join(7, .base(.nodes))
        let change = scene.prove(2, node).statuses.first
        #expect(change?.status == .online && change?.sample == nil)
        #expect(change?.health.reasons.map(\.code) == ["no_sample"])
    }

    // MARK: After a start

    func restarted() -> Scene {
        var record = NodeRecord(
            id: node, name: "n", owner: UserID("owner"), location: NodeLocation(region: "r"),
            enrolledAt: Timestamp(milliseconds: 1))
        record.publicKey = .key(1)
        record.registeredAt = Timestamp(milliseconds: 2)
        record.sessionEpoch = 4
        record.specifications = .oneGPU
        let pending = NodeRecord(
            id: .test(6), name: "p", owner: UserID("owner"), location: NodeLocation(),
            enrolledAt: Timestamp(milliseconds: 1))
        return Scene(StoredState(nodes: [record, pending], coordinatorID: UUID128(high: 7, low: 7)))
    }

    @Test("After a start a registered node holds its lease anew: online, awaited, never called healthy")
    func awaited() {
        var scene = restarted()
        let summary = scene.summary(node)
        #expect(summary?.status == .online && summary?.isConnected == false)
        #expect(summary?.health.score == nil && summary?.health.coveragePercent == 0)
        #expect(summary?.health.reasons.map(\.code) == ["awaiting_agent"])
        #expect(scene.summary(.test(6)) == nil)
    }

    @Test("An agent back within the lease tells nobody anything; one that is not is offline at its end")
    func returns() {
        var scene = restarted()
        scene.open(7)
        scene.join(7, .base(.nodes))
        scene.run(milliseconds: 9000)
        let effects = scene.prove(1, node)
        #expect(effects.publications.isEmpty)
        #expect(effects.welcomes.map(\.epoch) == [5])
        scene.run(milliseconds: 9999)
        #expect(scene.summary(node)?.status == .online)

        var other = restarted()
        other.open(7)
        other.join(7, .base(.nodes))
        #expect(other.run(milliseconds: 9999).statuses.isEmpty)
        let change = other.run(milliseconds: 1).statuses.first
        #expect(change?.status == .offline && change?.previous == .online)
    }

    @Test("A coordinator that stood still blames nobody: every lease runs anew")
    func pause() {
        var scene = alive()
        scene.wait(milliseconds: 60_000)
        scene.apply(.timePassed)
        #expect(scene.summary(node)?.status == .online)
        scene.run(milliseconds: 9999)
        #expect(scene.summary(node)?.status == .online)
        scene.run(milliseconds: 1)
        #expect(scene.summary(node)?.status == .offline)
    }

    @Test("A pause of the coordinator is no heartbeat gap of the agents; a silence of theirs is")
    func gaps() {
        for (pause, points) in [(true, 0), (false, 15)] {
            var scene = alive()
            scene.send(1, 1)
            if pause { scene.wait(milliseconds: 60_000) } else { scene.run(milliseconds: 6000) }
            scene.send(1, 2)
            let reasons = scene.summary(node)?.health.reasons ?? []
            #expect(reasons.reduce(0) { $0 + $1.points } == points, "\(reasons)")
        }
    }

    @Test("Leases end in the order of their deadlines, whatever the order of the nodes")
    func order() {
        var scene = Scene()
        for number in UInt8(1)...5 {
            scene.admit(.test(UInt64(10 - number)), session: UInt64(number), token: number)
            scene.wait(milliseconds: 100)
        }
        scene.open(7)
        scene.join(7, .base(.nodes))
        #expect(scene.run(milliseconds: 20_000).statuses.map(\.node) == (1...5).map { .test(UInt64(10 - $0)) })
    }
}
