import Testing

@testable import Probe

@Suite struct BlockDeviceTests {
    private let files = FileReader()

    /// A server's block devices: two NVMe disks in a mirror, a SATA disk with volumes, and what is no fixed disk.
    static func server() -> Machine {
        let machine = Machine()
        for (name, sectors) in [("nvme0n1", 3_750_748_848), ("nvme1n1", 3_750_748_848), ("sda", 7_814_037_168)] {
            machine.set("/sys/block/\(name)/size", "\(sectors)\n")
            machine.set("/sys/block/\(name)/removable", "0\n")
            machine.set("/sys/block/\(name)/device/vendor", "x\n")
        }
        machine.set("/sys/block/nvme0c0n1/device/vendor", "x\n")
        machine.set("/sys/block/nvme0c0n1/hidden", "1\n")
        for (name, removable) in [("sr0", 1), ("sdz", 1), ("mmcblk0boot0", 0)] {
            machine.set("/sys/block/\(name)/removable", "\(removable)\n")
            machine.set("/sys/block/\(name)/device/vendor", "x\n")
        }
        for name in ["loop0", "ram0", "zram0", "dm-0", "md0"] { machine.set("/sys/block/\(name)/size", "99999\n") }
        return machine
    }

    @Test(arguments: [
        ("nvme0n1", true), ("nvme1n1", true), ("sda", true), ("nvme0c0n1", false), ("sr0", false), ("sdz", false),
        ("mmcblk0boot0", false), ("loop0", false), ("zram0", false), ("dm-0", false), ("md0", false),
        ("nvme0n1p1", false), ("nothing", false),
    ])
    func onlyFixedDisksCount(_ name: String, _ isFixed: Bool) {
        #expect(BlockDevice.isFixedDisk(name, root: Self.server().root, files: files) == isFixed)
    }

    @Test func virtualMachinesDisksCount() {
        let machine = Machine()
        for name in ["vda", "xvda", "mmcblk0"] {
            machine.set("/sys/block/\(name)/device/vendor", "x")
            #expect(BlockDevice.isFixedDisk(name, root: machine.root, files: files))
        }
    }

    @Test func storageIsTheSumOfFixedDisks() {
        let bytes = BlockDevice.totalBytes(root: Self.server().root, files: files)
        #expect(bytes == 7_841_553_850_368)
        #expect(BlockDevice.totalBytes(root: Machine.captured, files: files) == 274_877_906_944)
        #expect(BlockDevice.totalBytes(root: Machine().root, files: files) == nil)
    }

    @Test func removableMediaAreTold() {
        let machine = Machine()
        machine.set("/sys/class/block/sdz/removable", "1\n")
        machine.set("/sys/class/block/sda/removable", "0\n")
        #expect(BlockDevice.isRemovable(source: "/dev/sdz", root: machine.root, files: files))
        #expect(!BlockDevice.isRemovable(source: "/dev/sda", root: machine.root, files: files))
        #expect(!BlockDevice.isRemovable(source: "/dev/mapper/root", root: machine.root, files: files))
    }
}
