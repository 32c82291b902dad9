import Foundation
import Grid
import Testing

@testable import neurogrid_placement

@Suite("Trace replay")
struct TraceReplayTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/placement").path

    private func replay() throws -> TraceReplay {
        TraceReplay(
            nodes: try TraceFile.nodes(Self.folder + "/nodes.csv"),
            tasks: try TraceFile.tasks(Self.folder + "/tasks.csv"))
    }

    @Test("Lists are read by the names of their columns")
    func files() throws {
        let replay = try replay()
        #expect(replay.nodes.count == 24 && replay.tasks.count == 100)
        #expect(replay.nodes[1].name == "node-01" && replay.nodes[1].capacity.gpuCount == 8)
        #expect(replay.tasks.contains { $0.models == ["B", "C"] && $0.gpu == .share(milli: 330) })
        #expect(throws: TraceError.self) { try TraceFile.tasks(Self.folder + "/nodes.csv") }
        #expect(throws: TraceError.self) { try TraceFile.nodes(Self.folder + "/absent.csv") }
    }

    @Test("Arrivals ask for 130 % of the GPUs, the whole list among them, in an order of the seed's own")
    func arrivals() throws {
        let replay = try replay()
        let capacity = replay.nodes.reduce(0) { $0 + Int64($1.capacity.gpuCount) * 1000 }
        var draw = Draw(42)
        let arrivals = replay.arrivals(capacityMilli: capacity, &draw)
        let asked = arrivals.reduce(0) { $0 + Int64($1.gpu.milli) }
        #expect(asked >= capacity * 13 / 10 && asked < capacity * 13 / 10 + 8000)
        #expect(arrivals.count >= replay.tasks.count)
        var again = Draw(42)
        #expect(replay.arrivals(capacityMilli: capacity, &again) == arrivals)
        var other = Draw(43)
        #expect(replay.arrivals(capacityMilli: capacity, &other) != arrivals)
        // A list that asks for more is cut.
        var small = Draw(42)
        let cut = replay.arrivals(capacityMilli: 10_000, &small).reduce(0) { $0 + Int64($1.gpu.milli) }
        #expect((13_000..<21_000).contains(cut))
    }

    @Test("A replay fills most of the grid, and is the same each time to the last bit")
    func outcome() throws {
        let replay = try replay()
        let outcome = replay.run(seed: 42)
        #expect(outcome == replay.run(seed: 42))
        #expect(outcome.capacityMilli == 90_000)
        #expect(outcome.milliPercent > 85_000 && outcome.milliPercent <= 100_000)
        #expect(outcome.allocatedMilliAtCapacity <= outcome.allocatedMilli && outcome.dropped > 0)
        #expect(outcome.digest == 0xF4B6_4EBC_3FA5_091D, "the same in every process and on every machine")
        var cold = replay
        cold.knowsWorkload = false
        #expect(cold.run(seed: 42).milliPercent > 80_000)
    }
}
