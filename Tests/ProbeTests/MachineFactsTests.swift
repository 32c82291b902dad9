import Grid
import Testing

@testable import Probe

@Suite struct MachineFactsTests {
    @Test func theCapturedMachine() {
        let facts = MachineFacts.read(root: Machine.captured)
        #expect(facts.cpuModel == "AMD EPYC")
        #expect(facts.cpuCores == 2)
        #expect(facts.memoryTotalBytes == UInt64(24_684_084 * 1024))
        #expect(facts.storageBytes == 274_877_906_944)
        #expect(facts.networkMegabitsPerSecond == nil)
        #expect(facts.hostname == "vm")
        #expect(facts.kernel == "6.18.44-fc-v669")
        #expect(facts.operatingSystem == "Debian GNU/Linux 12 (bookworm)")
    }

    @Test func armProcessorsTellNumbers() {
        let machine = Machine()
        machine.set("/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd4f\n")
        #expect(MachineFacts.read(root: machine.root).cpuModel == "Arm Neoverse-V2")
        machine.set("/proc/cpuinfo", "CPU implementer\t: 0x99\nCPU part\t: 0x1\n")
        #expect(MachineFacts.read(root: machine.root).cpuModel == "Arm implementer 0x99 part 0x1")
    }

    @Test func paddedModelNamesAreTidied() {
        let machine = Machine()
        machine.set("/proc/cpuinfo", "model name\t: Intel(R) Xeon(R)   Platinum 8480+  \n")
        #expect(MachineFacts.read(root: machine.root).cpuModel == "Intel(R) Xeon(R) Platinum 8480+")
    }

    @Test func anEmptyMachineKnowsNothing() {
        #expect(MachineFacts.read(root: Machine().root) == NodeSpecifications())
    }

    @Test func theServersDisksAndLinks() {
        #expect(MachineFacts.read(root: NetworkDeviceTests.server().root).networkMegabitsPerSecond == 400_000)
    }
}
