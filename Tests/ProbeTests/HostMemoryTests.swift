import Grid
import Testing

@testable import Probe

@Suite struct HostMemoryTests {
    private let machine = Machine()

    @Test func theCapturedMachine() {
        let (sample, reading) = machine.once(HostMemory(root: Machine.captured))
        #expect(reading == .value)
        #expect(sample.host.memoryTotalBytes == UInt64(24_684_084 * 1024))
        #expect(sample.host.memoryAvailableBytes == UInt64(23_873_096 * 1024))
        #expect(sample.host.memoryUsedBytes == UInt64((24_684_084 - 23_873_096) * 1024))
        #expect(sample.host.swapTotalBytes == 0)
        #expect(sample.host.swapFreeBytes == 0)
    }

    @Test func kernelsWithoutMemAvailableHaveNone() {
        machine.set("/proc/meminfo", "MemTotal: 100 kB\nMemFree: 50 kB\nSwapTotal: 10 kB\nSwapFree: 4 kB\n")
        let (sample, reading) = machine.once(HostMemory(root: machine.root))
        #expect(reading == .value)
        #expect(sample.host.memoryAvailableBytes == nil)
        #expect(sample.host.memoryUsedBytes == nil)
        #expect(sample.host.swapFreeBytes == 4096)
    }

    @Test func absurdNumbersAreNone() {
        machine.set("/proc/meminfo", "MemTotal: 99999999999999999 kB\nMemAvailable: 1 kB\n")
        #expect(machine.once(HostMemory(root: machine.root)).reading.failure == "/proc/meminfo: no MemTotal")
    }

    @Test func aMissingFileFails() {
        let reading = machine.once(HostMemory(root: machine.root)).reading
        #expect(reading.failure == "/proc/meminfo: No such file or directory")
    }
}
