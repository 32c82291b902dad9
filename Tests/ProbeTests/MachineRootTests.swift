import Glibc
import Testing

@testable import Probe

@Suite struct MachineRootTests {
    @Test func prefixStandsBeforeEveryPath() {
        #expect(MachineRoot.live.path("/proc/stat") == "/proc/stat")
        #expect(MachineRoot(prefix: "/host").path("/proc/stat") == "/host/proc/stat")
        #expect(MachineRoot(prefix: "/host/").path("/proc/stat") == "/host/proc/stat")
    }

    @Test func listsAreSortedAndWithoutDots() throws {
        let machine = Machine()
        for name in ["sdb", "nvme0n1", "sda"] { machine.set("/sys/block/\(name)/size", "1") }
        #expect(try machine.root.list("/sys/block") == ["nvme0n1", "sda", "sdb"])
    }

    @Test func missingFoldersSayWhich() {
        #expect(throws: FileFault(number: ENOENT, path: "/sys/nothing")) { try Machine().root.list("/sys/nothing") }
    }

    @Test(arguments: [ENOENT, ENODEV, ENXIO, EOPNOTSUPP]) func absenceIsNoFault(_ number: Int32) {
        #expect(FileFault(number: number, path: "/x").isAbsence)
    }

    @Test(arguments: [EACCES, EIO, EMFILE, EISDIR]) func theRestIs(_ number: Int32) {
        #expect(!FileFault(number: number, path: "/x").isAbsence)
    }

    @Test func faultsNameThePathOfTheMachine() {
        #expect(FileFault(number: EACCES, path: "/proc/stat").description == "/proc/stat: Permission denied")
    }
}
