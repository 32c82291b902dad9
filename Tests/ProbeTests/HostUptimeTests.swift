import Grid
import Testing

@testable import Probe

@Suite struct HostUptimeTests {
    private let machine = Machine()

    @Test func theCapturedMachine() {
        let (sample, reading) = machine.once(HostUptime(root: Machine.captured))
        #expect(reading == .value)
        #expect(sample.host.uptimeSeconds == 3471)
    }

    @Test func anEmptyFileFails() {
        machine.set("/proc/uptime", "")
        #expect(machine.once(HostUptime(root: machine.root)).reading.failure == "/proc/uptime: not as expected")
    }
}
