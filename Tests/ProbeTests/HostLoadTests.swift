import Grid
import Testing

@testable import Probe

@Suite struct HostLoadTests {
    private let machine = Machine()

    @Test func theCapturedMachine() {
        let (sample, reading) = machine.once(HostLoad(root: Machine.captured))
        #expect(reading == .value)
        #expect([sample.host.load1, sample.host.load5, sample.host.load15] == [4.94, 4.04, 2.41])
    }

    @Test func garbageFails() {
        machine.set("/proc/loadavg", "0.15 oops")
        let (sample, reading) = machine.once(HostLoad(root: machine.root))
        #expect(reading.failure == "/proc/loadavg: not as expected")
        #expect(sample.host.load1 == nil)
    }
}
