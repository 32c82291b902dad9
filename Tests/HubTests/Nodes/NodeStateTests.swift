import Grid
import Testing

@testable import Hub

@Suite("Node state")
struct NodeStateTests {
    let second: UInt64 = 1_000_000_000

    func state(interval: UInt32 = 1000) -> NodeState {
        var record = NodeRecord(
            id: .test(1), name: "n", owner: UserID("o"), location: NodeLocation(),
            enrolledAt: Timestamp(milliseconds: 0))
        record.specifications = .oneGPU
        var state = NodeState(record: record)
        state.presence = .present
        state.sessionBegan = 50 * second
        var sample = NodeSample.healthy(1, at: Timestamp(milliseconds: 0))
        sample.intervalMilliseconds = interval
        _ = state.take(sample, 10_000, Now(monotonicNanoseconds: 100 * second, wall: Timestamp(milliseconds: 0)))
        return state
    }

    @Test("A sample tells of the present for 10 s, or for three of its own intervals")
    func freshness() {
        #expect(state().currentSample(now: 110 * second) != nil)
        #expect(state().currentSample(now: 110 * second + 1) == nil)
        #expect(state(interval: 60_000).currentSample(now: 280 * second) != nil)
        #expect(state(interval: 60_000).currentSample(now: 280 * second + 1) == nil)
        #expect(state(interval: .max).currentSample(now: .max) == nil)
    }

    @Test("Health is of the agent's presence first, of its samples second")
    func presence() {
        for (presence, code) in [
            (NodeState.Presence.awaited, "awaiting_agent"), (.stopped, "agent_stopped"), (.silent, "lease_lost"),
        ] {
            var state = state()
            state.presence = presence
            let health = state.health(now: 101 * second)
            #expect(health.reasons.first?.code == code && health.coveragePercent == 0)
            #expect(state.currentSample(now: 101 * second) == nil)
        }
        var unseen = state()
        unseen.presence = .unseen
        #expect(unseen.health(now: 101 * second) == .unknown)
        #expect(state().health(now: 101 * second).score == 100)
    }

    @Test("Old samples of this session are missing ones; of a former session there is none yet")
    func missing() {
        var state = state()
        #expect(state.health(now: 200 * second).reasons.map(\.code) == ["samples_missing"])
        state.sessionBegan = 199 * second
        #expect(state.health(now: 200 * second).reasons.map(\.code) == ["no_sample"])
    }

    @Test("An agent that comes back with the same GPUs keeps what is known of them")
    func sameGPUs() {
        var state = state()
        var record = NodeRecord(
            id: .test(1), name: "n", owner: UserID("o"), location: NodeLocation(region: "x"),
            enrolledAt: Timestamp(milliseconds: 0))
        record.specifications = .oneGPU
        state.follow(record)
        #expect(state.health(now: 101 * second).score == 100)
        record.specifications = .gpus(2)
        state.follow(record)
        #expect(state.health(now: 101 * second).score != 100)
    }

    @Test("An empty region is no region")
    func facts() {
        #expect(state().facts.region == nil && state().facts.owner == UserID("o"))
    }
}
