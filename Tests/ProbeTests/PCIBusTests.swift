import Testing

@testable import Probe

@Suite struct PCIBusTests {
    @Test func onlyNvidiaDisplayAnd3DControllersCount() {
        let machine = Machine()
        for (address, vendor, kind) in [
            ("0000:18:00.0", "0x10de", "0x030200"), ("0000:2a:00.0", "0x10de", "0x030000"),
            ("0000:2a:00.1", "0x10de", "0x040300"), ("0000:00:02.0", "0x8086", "0x030000"),
            ("0000:90:00.0", "0x10de", "0x068000"),
        ] {
            machine.set("/sys/bus/pci/devices/\(address)/vendor", vendor + "\n")
            machine.set("/sys/bus/pci/devices/\(address)/class", kind + "\n")
        }
        #expect(PCIBus.nvidiaGPUs(root: machine.root, files: FileReader()) == ["0000:18:00.0", "0000:2a:00.0"])
    }

    @Test func withoutABusThereIsNone() {
        #expect(PCIBus.nvidiaGPUs(root: Machine().root, files: FileReader()).isEmpty)
    }
}
