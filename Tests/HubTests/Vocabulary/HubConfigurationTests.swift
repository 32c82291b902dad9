import Grid
import Testing

@testable import Hub

/// What an operator sets is what the Hub does: each of these fails where the setting is not asked for.
@Suite("The Hub's configuration")
struct HubConfigurationTests {
    private static let second: UInt64 = 1_000_000_000

    /// One node with one GPU, on which the task 1 runs.
    private func busy(_ change: (inout HubConfiguration) -> Void) -> Scene {
        var configuration = HubConfiguration()
        change(&configuration)
        var scene = Scene(configuration: configuration)
        scene.admitWorker(1)
        scene.submit(scene.wish(1) { $0.estimatedDurationSeconds = 100 })
        return scene
    }

    @Test("routing.starvation: who has waited for longer goes before any priority", arguments: [10, 3600] as [UInt64])
    func starvation(seconds: UInt64) {
        var scene = busy { $0.routing.starvationNanoseconds = seconds * Self.second }
        scene.submit(scene.wish(2) { $0.priority = 0 })
        scene.live(seconds: 20, sessions: [1])
        scene.submit(scene.wish(3) { $0.priority = 10 })
        scene.end(1, scene.run(1))
        #expect(scene.state(seconds == 10 ? 2 : 3) == .assigned && scene.state(seconds == 10 ? 3 : 2) == .pending)
    }

    @Test("routing.retry_base and retry_cap: how long a lost task may wait, and how often the record says")
    func retry() {
        let hour = 3600 * Self.second
        for (base, cap, isBack) in [(hour, hour, false), (hour, 1_000_000, true), (1_000_000, hour, true)] {
            var scene = busy { configuration in
                configuration.routing.retryBaseNanoseconds = base
                configuration.routing.retryCapNanoseconds = cap
                configuration.routing.attempts = 1
            }
            scene.end(1, scene.run(1), .spawn)
            #expect(scene.state(1) == .pending)
            scene.live(seconds: 2, sessions: [1])
            #expect((scene.state(1) == .assigned) == isBack, "base \(base), cap \(cap)")
        }
    }

    @Test("trust.replication_percent and compared_runners: whose results are run again")
    func compared() {
        let cases: [(Int64, Set<String>, Bool)] = [
            (500, ["selftest"], true), (0, ["selftest"], false), (500, ["render"], false), (500, [], false),
        ]
        for (share, runners, isCompared) in cases {
            var scene = TrustScene(nodes: 3) { configuration in
                configuration.replicationBasisPoints = share
                configuration.comparedRunners = runners
            }
            let task = scene.task(on: 1, "a")
            #expect((scene.judge(task) == .awaitsCopy) == isCompared, "\(share) of \(runners)")
            #expect(scene.checks.count == (isCompared ? 1 : 0))
        }
    }

    @Test("trust.challenge_interval: how often a node is asked", arguments: [0, 60, 3600] as [UInt64])
    func challenges(seconds: UInt64) {
        var scene = TrustScene(nodes: 1) { $0.challengeEveryNanoseconds = seconds * Self.second }
        scene.run(milliseconds: 91_000)
        #expect(scene.checks.count == (seconds == 60 ? 1 : 0))
    }
}
