import Grid
import Testing

@testable import Hub

/// Whatever users, agents, links and the coordinator itself do, in whatever order: T1 to T6 hold after every event, and
/// when all is well again every task ends (T8).
@Suite("Tasks, in every order of things")
struct TaskPropertyTests {
    @Test("Every task is in one state, has one live lease, ends once, and ends at last", arguments: UInt64(1)...12)
    func property(_ seed: UInt64) {
        var world = TaskWorld(seed: seed)
        for _ in 0..<700 where world.audit.faults.isEmpty { world.step() }
        #expect(world.audit.faults.isEmpty, "seed \(seed): \(world.audit.faults)")
        let left = world.heal(seconds: 400)
        #expect(world.audit.faults.isEmpty, "seed \(seed), healing: \(world.audit.faults)")
        #expect(left == 0, "seed \(seed): \(left) tasks go on for ever")
        // A run in which nothing happens shows nothing.
        let seen = world.audit.transitions
        #expect(seen["running>completed"] ?? 0 > 5 && seen["running>lost"] ?? 0 > 0, "seed \(seed): \(seen)")
        #expect(world.counts["restarts"] ?? 0 > 0 && world.counts["settled false"] ?? 0 > 0, "\(world.counts)")
    }

    @Test("The same events give the same effects, bit for bit")
    func replay() {
        func trace(_ seed: UInt64) -> [String] {
            var world = TaskWorld(seed: seed)
            for _ in 0..<300 { world.step() }
            return world.memory.tasks.values.sorted { $0.number < $1.number }.map { "\($0)" }
        }
        #expect(trace(77) == trace(77) && trace(77) != trace(78))
    }
}
