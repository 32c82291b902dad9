import Grid
import Testing

@testable import Hub

@Suite("Analytics")
struct AnalyticsTests {
    static func task(takes seconds: Int64, endingAt now: Now) -> TaskRecord {
        TaskRecord(
            id: TaskID(UUID128(high: 1, low: 1)), number: 1, job: "j", owner: UserID("u"),
            specification: TaskSpecification(
                runner: "selftest", resources: ResourceRequest(gpu: .none), timeoutSeconds: 60),
            createdAt: now.wall.adding(milliseconds: -1000 * seconds))
    }

    func updates(_ effects: [Effect]) -> [AnalyticsUpdated] {
        effects.events.compactMap { if case .analyticsUpdated(let update) = $0 { update } else { nil } }
    }

    func metrics(_ scene: inout Scene) -> PlatformMetrics? {
        guard case .answer(_, .analytics(let update))? = scene.apply(.query(.test(1), .analytics)).first else {
            return nil
        }
        return update.metrics
    }

    @Test("Told every five seconds while somebody looks, and only then")
    func rhythm() {
        var scene = Scene()
        #expect(updates(scene.run(milliseconds: 60_000)).isEmpty && scene.hub.nextDeadlineNanoseconds == nil)
        scene.open(50, user: "boss", .admin)
        scene.join(50, .base(.analytics))
        let told = updates(scene.run(milliseconds: 21_000))
        #expect(told.count == 4)
        #expect(told.map(\.metrics.activeUsers) == [1, 1, 1, 1])
        #expect(zip(told, told.dropFirst()).allSatisfy { $1.at.milliseconds - $0.at.milliseconds == 5000 })
        scene.apply(.leaveRequested(SessionID(bits: 50), .base(.analytics)))
        #expect(updates(scene.run(milliseconds: 60_000)).isEmpty)
    }

    @Test("Alerts are in it until they are resolved, and then once more")
    func alerts() {
        var scene = Scene.watched { $0.alerts.isOfflineRaised = false }
        scene.raise(1)
        scene.join(50, .base(.analytics))
        func statuses(_ effects: [Effect]) -> [[AlertStatus]] { updates(effects).map { $0.alerts.map(\.status) } }
        #expect(statuses(scene.run(milliseconds: 5000)) == [[.new]])
        scene.step(.test(1), .acknowledge)
        #expect(statuses(scene.run(milliseconds: 5000)) == [[.acknowledged]])
        scene.raise(2)
        scene.step(.test(1), .resolve)
        #expect(updates(scene.run(milliseconds: 5000)).map { Set($0.alerts.map(\.status)) } == [[.new, .resolved]])
        #expect(statuses(scene.run(milliseconds: 5000)) == [[.new]])
    }

    @Test("Users and nodes count for five minutes after they were last seen")
    func seen() {
        var scene = Scene()
        scene.admit(.test(1), session: 1, token: 1)
        scene.enrol(.test(2), token: 2)
        scene.open(10, user: "ana")
        scene.open(11, user: "ana")
        scene.open(12, user: "ben")
        #expect(metrics(&scene)?.activeUsers == 2 && metrics(&scene)?.activeNodes == 1)
        for session in [10, 11, 12] as [UInt64] { scene.apply(.sessionClosed(SessionID(bits: session))) }
        scene.run(milliseconds: 299_000)
        #expect(metrics(&scene)?.activeUsers == 2 && metrics(&scene)?.activeNodes == 1)
        scene.run(milliseconds: 2000)
        #expect(metrics(&scene)?.activeUsers == 0 && metrics(&scene)?.activeNodes == 0)
    }

    @Test("Tasks count in the minute after theirs, responses for five")
    func tasks() {
        var analytics = Analytics()
        var now = Now(monotonicNanoseconds: 1_000_000_000_000, wall: Timestamp(milliseconds: 60_000_000))
        func wait(seconds: UInt64) {
            now.monotonicNanoseconds += seconds * 1_000_000_000
            now.wall = now.wall.adding(milliseconds: Int64(seconds) * 1000)
        }
        #expect(analytics.averageResponseMilliseconds(now) == nil)
        analytics.noteEnd(of: Self.task(takes: 2, endingAt: now), now)
        wait(seconds: 59)
        analytics.noteEnd(of: Self.task(takes: 5, endingAt: now), now)
        #expect(analytics.endedInLastMinute(now) == 0)
        wait(seconds: 1)
        #expect(analytics.endedInLastMinute(now) == 2)
        #expect(analytics.averageResponseMilliseconds(now) == 3500)
        wait(seconds: 59)
        #expect(analytics.endedInLastMinute(now) == 2)
        wait(seconds: 1)
        #expect(analytics.endedInLastMinute(now) == 0)
        wait(seconds: 200)
        #expect(analytics.averageResponseMilliseconds(now) == 5000)
        wait(seconds: 60)
        #expect(analytics.averageResponseMilliseconds(now) == nil)
    }

    @Test("A user who was seen once takes no place for ever")
    func bounds() {
        var analytics = Analytics()
        var now = Now(monotonicNanoseconds: 1_000_000_000_000, wall: Timestamp(milliseconds: 60_000_000))
        for number in 0..<100_000 {
            now.monotonicNanoseconds += 1_000_000_000
            analytics.noteUser(UserID("user \(number)"), now)
        }
        #expect(analytics.activeUsers(connected: [], now) == 301)
        #expect(analytics.rememberedUsers <= 1025)
    }

    @Test("Traffic is a share of the links whose speed is known")
    func network() {
        func sample(_ bytes: UInt64, milliseconds: UInt32) -> NodeSample {
            var sample = NodeSample(
                sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: milliseconds)
            sample.host.networkReceivedBytes = bytes
            sample.host.networkSentBytes = bytes
            return sample
        }
        var load = NetworkLoad()
        #expect(load.hundredths == nil)
        load.add(sample(12_500_000, milliseconds: 1000), megabitsPerSecond: 1000)
        #expect(load.hundredths == 2000)
        load.add(sample(0, milliseconds: 1000), megabitsPerSecond: 1000)
        #expect(load.hundredths == 1000)
        load.add(sample(.max, milliseconds: 1), megabitsPerSecond: 2000)
        #expect(load.hundredths == 10_000)
        let former = load.hundredths
        for speed in [0, -1, .max] { load.add(sample(1, milliseconds: 1), megabitsPerSecond: speed) }
        load.add(sample(1, milliseconds: 0), megabitsPerSecond: 1000)
        #expect(load.hundredths == former)
    }
}
