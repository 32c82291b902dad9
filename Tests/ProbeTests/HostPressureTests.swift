import Grid
import Testing

@testable import Probe

@Suite struct HostPressureTests {
    private let machine = Machine()

    @Test func theCapturedMachine() {
        let (sample, reading) = machine.once(HostPressure(root: Machine.captured))
        #expect(reading == .value)
        #expect(sample.host.cpuPressurePercent == 90.05)
        #expect(sample.host.memoryPressurePercent == 0)
        #expect(sample.host.ioPressurePercent == 0.25)
    }

    @Test func kernelsWithoutItHaveNone() {
        let (sample, reading) = machine.once(HostPressure(root: machine.root))
        #expect(reading == .absent)
        #expect(sample.host.cpuPressurePercent == nil)
    }

    @Test func oneUnreadableFileFailsWithoutTheOthers() {
        machine.set("/proc/pressure/cpu", "some avg10=1.50 avg60=0.00 avg300=0.00 total=1\n")
        // A folder in a file's place: opened, and not readable.
        machine.set("/proc/pressure/memory/x", "")
        machine.set("/proc/pressure/io", "some avg10=2.00 avg60=0.00 avg300=0.00 total=1\n")
        let (sample, reading) = machine.once(HostPressure(root: machine.root))
        #expect(reading.failure == "/proc/pressure/memory: Is a directory")
        #expect(sample.host.cpuPressurePercent == 1.5)
        #expect(sample.host.memoryPressurePercent == nil)
        #expect(sample.host.ioPressurePercent == 2)
    }

    @Test func garbageFails() {
        machine.set("/proc/pressure/io", "full of surprises")
        #expect(machine.once(HostPressure(root: machine.root)).reading.failure == "/proc/pressure/io: not as expected")
    }
}
