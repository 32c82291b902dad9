/// Which of the kernel's block devices are fixed disks: counted once, never through what is stacked on them.
enum BlockDevice {
    /// The kernel's sector, whatever the disk's own.
    static let sectorBytes: UInt64 = 512

    /// Whether `name`, as /proc/diskstats has it, is a whole physical (or virtual machine's) disk.
    ///
    /// Partitions are not in /sys/block; loop, ram, zram, dm and md devices have no `device` there. Optical and
    /// floppy drives, the boot areas of MMC cards and hidden paths of multipath NVMe are no disks of their own.
    static func isFixedDisk(_ name: String, root: MachineRoot, files: FileReader) -> Bool {
        guard root.exists("/sys/block/\(name)/device") else { return false }
        for prefix in ["loop", "ram", "zram", "dm-", "md", "sr", "fd"] where name.hasPrefix(prefix) { return false }
        if name.hasPrefix("mmcblk"), name.contains("boot") || name.hasSuffix("rpmb") { return false }
        if files.number("/sys/block/\(name)/hidden", of: root) == 1 { return false }
        return files.number("/sys/block/\(name)/removable", of: root) != 1
    }

    /// Whether a mounted source, as `/dev/nvme0n1p2`, lies on a medium that can be taken out.
    static func isRemovable(source: String, root: MachineRoot, files: FileReader) -> Bool {
        guard source.hasPrefix("/dev/") else { return false }
        let name = source.dropFirst(5)
        guard !name.contains("/") else { return false }
        if let own = files.number("/sys/class/block/\(name)/removable", of: root) { return own == 1 }
        // A partition's entry is a link into its disk's folder.
        return files.number("/sys/class/block/\(name)/../removable", of: root) == 1
    }

    /// The bytes of all fixed disks together; `nil` when there is none or /sys/block cannot be read.
    static func totalBytes(root: MachineRoot, files: FileReader) -> UInt64? {
        guard let names = try? root.list("/sys/block") else { return nil }
        var total: UInt64?
        for name in names where isFixedDisk(name, root: root, files: files) {
            guard let sectors = files.number("/sys/block/\(name)/size", of: root) else { continue }
            total = (total ?? 0) &+ sectors &* sectorBytes
        }
        return total
    }
}
