import Testing

@testable import Probe

@Suite struct NetworkDeviceTests {
    private let files = FileReader()

    /// A GPU server: a bond over two ports, an InfiniBand port, a virtual function's representor, containers.
    static func server() -> Machine {
        let machine = Machine()
        for (name, speed) in [("eno1", 25_000), ("eno2", 25_000), ("ibs1", 400_000)] {
            machine.set("/sys/class/net/\(name)/device/vendor", "x")
            machine.set("/sys/class/net/\(name)/speed", "\(speed)\n")
            machine.set("/sys/class/net/\(name)/type", name == "ibs1" ? "32\n" : "1\n")
        }
        machine.set("/sys/class/net/eno2/phys_port_name", "p1\n")
        machine.set("/sys/class/net/eno1_0/device/vendor", "x")
        machine.set("/sys/class/net/eno1_0/phys_port_name", "pf0vf3\n")
        machine.set("/sys/class/net/lo/type", "772\n")
        machine.set("/sys/class/net/bond0/bonding/mode", "802.3ad 4\n")
        machine.set("/sys/class/net/bond0/uevent", "INTERFACE=bond0\nIFINDEX=5\n")
        machine.set("/sys/class/net/bond0.100/uevent", "DEVTYPE=vlan\nINTERFACE=bond0.100\n")
        machine.set("/sys/class/net/docker0/bridge/bridge_id", "8000\n")
        machine.set("/sys/class/net/tap3/tun_flags", "0x1002\n")
        machine.set("/sys/class/net/wg0/uevent", "DEVTYPE=wireguard\nINTERFACE=wg0\n")
        machine.set("/sys/class/net/veth12ab/uevent", "INTERFACE=veth12ab\nIFINDEX=9\n")
        machine.set("/sys/class/net/ifb0/uevent", "INTERFACE=ifb0\n")
        return machine
    }

    @Test(arguments: [
        ("eno1", NetworkDevice.Kind.physical), ("eno2", .physical), ("ibs1", .physical), ("eno1_0", .neither),
        ("lo", .neither), ("bond0", .neither), ("bond0.100", .neither), ("docker0", .neither), ("tap3", .neither),
        ("wg0", .neither), ("ifb0", .neither), ("veth12ab", .standIn),
    ])
    func eachByteIsCountedOnce(_ name: String, _ kind: NetworkDevice.Kind) {
        #expect(NetworkDevice.kind(of: name, root: Self.server().root, files: files) == kind)
    }

    @Test func withoutSysAllButLoopbackStandIn() {
        let machine = Machine()
        #expect(NetworkDevice.kind(of: "eth0", root: machine.root, files: files) == .standIn)
        #expect(NetworkDevice.kind(of: "lo", root: machine.root, files: files) == .neither)
    }

    @Test func theFastestPhysicalLinkCounts() {
        #expect(NetworkDevice.fastestMegabitsPerSecond(root: Self.server().root, files: files) == 400_000)
        // A virtual card tells −1.
        #expect(NetworkDevice.fastestMegabitsPerSecond(root: Machine.captured, files: files) == nil)
    }
}
