import Grid
import Testing

@testable import Probe

@Suite struct HostInterfacesTests {
    // The kernel's own title lines are longer than ours may be.
    private let title = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls

        """

    private func line(_ name: String, _ received: UInt64, _ sent: UInt64, errors: UInt64 = 0) -> String {
        "  \(name): \(received) 7 \(errors) 0 0 0 0 0 \(sent) 8 0 \(errors) 0 0 0 0\n"
    }

    @Test func physicalInterfacesAreCountedOnce() throws {
        let machine = NetworkDeviceTests.server()
        let samples = machine.run(HostInterfaces(root: machine.root), ticks: 2) { tick in
            let t = UInt64(tick)
            machine.set(
                "/proc/net/dev",
                title + line("lo", 900 * t, 900 * t) + line("eno1", 1000 + 100 * t, 2000 + 10 * t, errors: t)
                    + line("eno2", 50 * t, 5 * t) + line("bond0", 1000 + 150 * t, 2000 + 15 * t)
                    + line("docker0", 40 * t, 40 * t) + line("veth12ab", 40 * t, 40 * t)
                    + line("eno1_0", 70 * t, 70 * t))
        }
        #expect(samples[0].reading == .absent)
        #expect(samples[1].reading == .value)
        #expect(samples[1].sample.host.networkReceivedBytes == 150)
        #expect(samples[1].sample.host.networkSentBytes == 15)
        let interfaces = try #require(samples[1].sample.detail?.interfaces)
        #expect(interfaces.map(\.name) == ["eno1", "eno2"])
        #expect(interfaces.map(\.errors) == [2, 0])
        #expect(interfaces.map(\.megabitsPerSecond) == [25_000, 25_000])
    }

    @Test func aContainersVirtualInterfaceStandsIn() {
        let machine = Machine()
        machine.set("/sys/class/net/eth0/uevent", "INTERFACE=eth0\n")
        machine.set("/sys/class/net/lo/type", "772\n")
        let samples = machine.run(HostInterfaces(root: machine.root), ticks: 2) { tick in
            let t = UInt64(tick)
            machine.set("/proc/net/dev", title + line("lo", 9000 * t, 9000 * t) + line("eth0", 300 * t, 30 * t))
        }
        #expect(samples[1].sample.host.networkReceivedBytes == 300)
        #expect(samples[1].sample.host.networkSentBytes == 30)
    }

    @Test func onlyLoopbackIsNothing() {
        let machine = Machine()
        let samples = machine.run(HostInterfaces(root: machine.root), ticks: 2) { tick in
            machine.set("/proc/net/dev", title + line("lo", UInt64(tick), UInt64(tick)))
        }
        #expect(samples.map(\.reading) == [.absent, .absent])
        #expect(samples[1].sample.host.networkReceivedBytes == nil)
    }

    @Test func resetsWrapsAndNewcomersAreNeverHuge() {
        let machine = NetworkDeviceTests.server()
        let samples = machine.run(HostInterfaces(root: machine.root), ticks: 4) { tick in
            let eno1: [UInt64] = [4_294_967_000, 4_294_967_290, 10, 30]
            var text = title + line("eno1", eno1[tick], 0)
            if tick >= 2 { text += line("eno2", 88_000_000_000 + UInt64(tick), 0) }
            machine.set("/proc/net/dev", text)
        }
        #expect(samples.map { $0.sample.host.networkReceivedBytes } == [nil, 290, 0, 21])
    }

    @Test func aVanishedInterfaceTakesNothingAway() {
        let machine = NetworkDeviceTests.server()
        let samples = machine.run(HostInterfaces(root: machine.root), ticks: 3) { tick in
            var text = title + line("eno1", UInt64(tick) * 5, 0)
            if tick < 2 { text += line("eno2", 1_000_000 + UInt64(tick), 0) }
            machine.set("/proc/net/dev", text)
        }
        #expect(samples.map { $0.sample.host.networkReceivedBytes } == [nil, 6, 5])
    }

    @Test func namesMayTouchTheirNumbers() {
        let machine = NetworkDeviceTests.server()
        let samples = machine.run(HostInterfaces(root: machine.root), ticks: 2) { tick in
            machine.set("/proc/net/dev", title + "  eno1:\(1000 + tick * 5) 1 0 0 0 0 0 0 \(tick) 1 0 0 0 0 0 0\n")
        }
        #expect(samples[1].sample.host.networkReceivedBytes == 5)
        #expect(samples[1].sample.host.networkSentBytes == 1)
    }
}
