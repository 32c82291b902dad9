import Grid
import Testing

@testable import Probe

@Suite struct HostDisksTests {
    private let machine = BlockDeviceTests.server()

    private func line(_ name: String, read: UInt64, written: UInt64, busy: UInt64 = 0) -> String {
        " 259       0 \(name) 10 1 \(read) 5 20 2 \(written) 6 0 \(busy) 11 0 0 0 0 1 1\n"
    }

    @Test func fixedDisksAreCountedOnce() throws {
        let samples = machine.run(HostDisks(root: machine.root), ticks: 2, seconds: 2) { tick in
            let t = UInt64(tick)
            machine.set(
                "/proc/diskstats",
                line("nvme0n1", read: 1000 + 20 * t, written: 500 + 8 * t, busy: 100 + 500 * t)
                    + line("nvme0n1p1", read: 900 + 20 * t, written: 400 + 8 * t)
                    + line("sda", read: 50 + 4 * t, written: 60)
                    + line("md0", read: 7000 + 20 * t, written: 7000 + 8 * t)
                    + line("dm-0", read: 7000 + 20 * t, written: 7000 + 8 * t)
                    + line("loop0", read: 5 + 100 * t, written: 0) + line("zram0", read: 9 * t, written: 9 * t))
        }
        #expect(samples[0].reading == .absent)
        #expect(samples[0].sample.host.diskReadBytes == nil)
        #expect(samples[1].reading == .value)
        #expect(samples[1].sample.host.diskReadBytes == UInt64(24 * 512))
        #expect(samples[1].sample.host.diskWrittenBytes == UInt64(8 * 512))
        let disks = try #require(samples[1].sample.detail?.disks)
        #expect(disks.map(\.name) == ["nvme0n1", "sda"])
        #expect(disks.map(\.readBytes) == [20 * 512, 4 * 512])
        #expect(disks.map(\.busyPercent) == [25, 0])
    }

    @Test func aDiskThatAppearsBringsNothingFromBefore() {
        let samples = machine.run(HostDisks(root: machine.root), ticks: 3) { tick in
            var text = line("sda", read: 100, written: 0)
            if tick > 0 { text += line("nvme1n1", read: 9_000_000_000 + UInt64(tick), written: 0) }
            machine.set("/proc/diskstats", text)
        }
        #expect(samples.map { $0.sample.host.diskReadBytes } == [nil, 0, 512])
    }

    @Test func aDiskThatVanishesAndReturnsStartsAnew() {
        let samples = machine.run(HostDisks(root: machine.root), ticks: 5) { tick in
            var text = line("sda", read: 100 + UInt64(tick), written: 0)
            let nvme: [Int: UInt64] = [0: 5000, 1: 5010, 3: 12, 4: 15]
            if let read = nvme[tick] { text += line("nvme0n1", read: read, written: 0) }
            machine.set("/proc/diskstats", text)
        }
        #expect(samples.map { $0.sample.host.diskReadBytes } == [nil, 11 * 512, 512, 512, 4 * 512])
    }

    @Test func countersThatStartOverCountNothing() {
        let samples = machine.run(HostDisks(root: machine.root), ticks: 3) { tick in
            let read: [UInt64] = [9_000_000, 10, 20]
            machine.set(
                "/proc/diskstats", line("sda", read: read[tick], written: 0, busy: tick == 0 ? 4_294_967_295 : 3))
        }
        #expect(samples.map { $0.sample.host.diskReadBytes } == [nil, 0, 10 * 512])
        #expect(samples[1].sample.detail?.disks.first?.busyPercent == 0)
    }

    @Test func machinesWithoutDisksHaveNone() {
        let bare = Machine()
        let samples = bare.run(HostDisks(root: bare.root), ticks: 2) { _ in
            bare.set("/proc/diskstats", line("loop0", read: 1, written: 1))
        }
        #expect(samples.map(\.reading) == [.absent, .absent])
        #expect(samples[1].sample.host.diskReadBytes == nil)
    }

    @Test func anUnreadableFileFailsAndDropsTheBaseline() {
        machine.set("/proc/diskstats/x", "")
        let reading = machine.once(HostDisks(root: machine.root)).reading
        #expect(reading.failure == "/proc/diskstats: Is a directory")
    }

    @Test func shortLinesAreLeftOut() {
        let samples = machine.run(HostDisks(root: machine.root), ticks: 2) { tick in
            machine.set("/proc/diskstats", " 259 0 nvme0n1 10\n\n" + line("sda", read: UInt64(tick), written: 0))
        }
        #expect(samples[1].sample.host.diskReadBytes == 512)
    }
}
