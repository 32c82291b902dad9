import Grid
import Testing

@testable import Probe

@Suite struct HostCPUTests {
    private let machine = Machine()

    /// Ticks of user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
    private func stat(_ cores: [[UInt64]], numbers: [Int]? = nil) -> String {
        let width = cores.map(\.count).max() ?? 0
        let total = (0..<width).map { column in cores.reduce(0) { $0 + ($1.count > column ? $1[column] : 0) } }
        func line(_ name: String, _ values: [UInt64]) -> String {
            name + values.map { " \($0)" }.joined() + "\n"
        }
        var text = line("cpu ", total)
        for (index, core) in cores.enumerated() { text += line("cpu\(numbers?[index] ?? index)", core) }
        return text + "intr 5 1 2\nctxt 99\n"
    }

    @Test func theFirstTickOnlyTakesTheBaseline() {
        let (sample, reading) = machine.run(HostCPU(root: Machine.captured), ticks: 1) { _ in }[0]
        #expect(reading == .absent)
        #expect(sample.host.cpuPercent == nil)
        #expect(sample.detail?.corePercents == [])
    }

    @Test func busyIsAllButIdleAndIowait() {
        let before: [UInt64] = [100, 0, 100, 1000, 50, 0, 0, 0, 0, 0]
        // 10 user, 5 nice, 5 system, 60 idle, 10 iowait, 2 irq, 3 softirq, 5 steal.
        let after: [UInt64] = [110, 5, 105, 1060, 60, 2, 3, 5, 0, 0]
        let samples = machine.run(HostCPU(root: machine.root), ticks: 2) { tick in
            machine.set("/proc/stat", stat([tick == 0 ? before : after]))
        }
        #expect(samples[1].reading == .value)
        #expect(samples[1].sample.host.cpuPercent == 30)
        #expect(samples[1].sample.detail?.corePercents == [30])
    }

    @Test func guestTimeIsNotCountedTwice() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 2) { tick in
            let guest = UInt64(tick) * 50
            machine.set("/proc/stat", stat([[guest, 0, 0, guest, 0, 0, 0, 0, guest, 0]]))
        }
        #expect(samples[1].sample.host.cpuPercent == 50)
    }

    @Test func eachCoreHasItsOwnShare() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 2) { tick in
            let t = UInt64(tick)
            machine.set("/proc/stat", stat([[100 * t, 0, 0, 0], [0, 0, 0, 100 * t], [25 * t, 0, 0, 75 * t]]))
        }
        #expect(samples[1].sample.detail?.corePercents == [100, 0, 25])
    }

    @Test func aCoreThatWasOfflineStartsAnew() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 3) { tick in
            let t = UInt64(tick)
            let other: [UInt64] = [10 * t, 0, 0, 10 * t]
            // Core 0 is away in the second tick, and its counters are smaller when it returns.
            machine.set(
                "/proc/stat",
                tick == 1
                    ? stat([other], numbers: [1]) : stat([[tick == 0 ? 9000 : 5, 0, 0, 5], other], numbers: [0, 1]))
        }
        #expect(samples[1].sample.detail?.corePercents == [50])
        #expect(samples[2].sample.detail?.corePercents == [50])
        let percents = samples.compactMap { $0.sample.host.cpuPercent }
        #expect(percents.allSatisfy { (0...100).contains($0) })
    }

    @Test func idleTimeThatStepsBackIsNoHugeShare() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 2) { tick in
            machine.set("/proc/stat", stat([tick == 0 ? [100, 0, 0, 1000, 50] : [150, 0, 0, 990, 49]]))
        }
        #expect(samples[1].sample.host.cpuPercent == 100)
    }

    @Test func noTimeAtAllIsNoShare() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 2) { _ in
            machine.set("/proc/stat", stat([[1, 0, 0, 1]]))
        }
        #expect(samples[1].sample.host.cpuPercent == nil)
    }

    @Test func aFewTicksAreNoShare() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 2) { tick in
            machine.set("/proc/stat", stat([[UInt64(4 * tick), 0, 0, 0]]))
        }
        #expect(samples[1].sample.host.cpuPercent == nil)
    }

    @Test func garbageFailsAndDropsTheBaseline() {
        let samples = machine.run(HostCPU(root: machine.root), ticks: 4) { tick in
            let t = UInt64(tick)
            machine.set("/proc/stat", tick == 1 ? "gibberish" : stat([[10 * t, 0, 0, 10 * t]]))
        }
        #expect(samples[1].reading.failure == "/proc/stat: not as expected")
        #expect(samples[2].reading == .absent)
        #expect(samples[3].sample.host.cpuPercent == 50)
    }
}
