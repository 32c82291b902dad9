import Grid

@testable import Probe

/// A machine made of files: collectors read it as they read the live one, and a test moves its counters.
final class Machine {
    let root: MachineRoot

    init() { root = MachineRoot(prefix: Scratch.folder()) }

    /// The machine whose files were captured from a virtual machine and checked in.
    static let captured = MachineRoot(prefix: FakeNVML.packageRoot + "/Tests/Fixtures")

    /// Writes a file in place, so that descriptors held open see the new content.
    func set(_ path: String, _ text: String) { Scratch.write(root.path(path), text) }

    /// Runs one collector over ticks of `seconds`, the machine changed by `step` before each.
    func run(
        _ collector: any Collector, ticks: Int, seconds: UInt64 = 1, step: (Int) -> Void
    ) -> [(sample: NodeSample, reading: Reading)] {
        let files = FileReader()
        defer { collector.close() }
        return (0..<ticks).map { tick in
            step(tick)
            var sample = NodeSample(
                sequence: UInt64(tick + 1), takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
            sample.detail = HostDetail()
            let elapsed = tick == 0 ? nil : seconds * 1_000_000_000
            let now = UInt64(tick + 1) * seconds * 1_000_000_000
            let reading = collector.collect(
                Tick(nowNanoseconds: now, elapsedNanoseconds: elapsed, files: files), into: &sample)
            return (sample, reading)
        }
    }

    /// One tick of a collector over the machine as it is.
    func once(_ collector: any Collector) -> (sample: NodeSample, reading: Reading) {
        run(collector, ticks: 1) { _ in }[0]
    }
}

extension Reading {
    var failure: String? {
        if case .failed(let reason) = self { return reason }
        return nil
    }
}
