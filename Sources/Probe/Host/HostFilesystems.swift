import Glibc
import Grid

/// How full the file systems on fixed disks are, from /proc/self/mounts and statvfs.
///
/// Read with each detail; between two of them the fullest one's share stands as last read.
final class HostFilesystems: Collector {
    let name: StaticString = "host_filesystem"
    private let root: MachineRoot
    private var fullestPercent: Double?
    private var last: Reading?

    init(root: MachineRoot) { self.root = root }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        if sample.detail != nil || last == nil {
            let reading = read(tick, into: &sample.detail)
            last = reading
        }
        sample.host.filesystemUsedPercent = fullestPercent
        return last ?? .absent
    }

    func close() {}

    /// Containers get single files of the host bound into them; those are no file systems of their own.
    private func isFolder(_ point: String) -> Bool {
        var facts = stat()
        return stat(root.path(point), &facts) != 0 || facts.st_mode & S_IFMT == S_IFDIR
    }

    private func read(_ tick: Tick, into detail: inout HostDetail?) -> Reading {
        fullestPercent = nil
        let mounts: [Mount]
        do throws(FileFault) {
            mounts = try tick.files.read("/proc/self/mounts", of: root, Mount.parse)
        } catch {
            return error.isAbsence ? .absent : .failed(error.description)
        }
        var sources: Set<String> = []
        var result = Reading.absent
        for mount in mounts where mount.isOnDisk && isFolder(mount.point) {
            // A second mount of one source is a bind mount, a subvolume or a container's view of the same space.
            guard sources.insert(mount.space).inserted else { continue }
            guard !BlockDevice.isRemovable(source: mount.source, root: root, files: tick.files) else { continue }
            var volume = statvfs()
            guard statvfs(root.path(mount.point), &volume) == 0 else {
                let fault = FileFault(number: errno, path: mount.point)
                // Not every agent may look into every folder; what it may not see is no fault of the machine.
                if fault.number != EACCES, !fault.isAbsence { result = .failed(fault.description) }
                continue
            }
            guard volume.f_blocks > 0 else { continue }
            let unit = UInt64(volume.f_frsize > 0 ? volume.f_frsize : volume.f_bsize)
            let used = UInt64(volume.f_blocks) &- UInt64(volume.f_bfree)
            let reachable = used &+ UInt64(volume.f_bavail)
            if reachable > 0, used <= reachable {
                fullestPercent = max(fullestPercent ?? 0, 100 * Double(used) / Double(reachable))
            }
            if result == .absent { result = .value }
            detail?.filesystems.append(
                FilesystemSample(
                    mountPoint: mount.point, type: mount.type, totalBytes: UInt64(volume.f_blocks) &* unit,
                    availableBytes: UInt64(volume.f_bavail) &* unit))
        }
        return result
    }
}

/// One line of /proc/self/mounts.
struct Mount: Hashable {
    var source: String
    var point: String
    var type: String

    /// Whether it holds data on a local medium: a block device's file system, or one that names pools instead.
    ///
    /// The root counts whatever carries it (in a container an overlay), unless it lives in memory.
    var isOnDisk: Bool {
        switch type {
        case "tmpfs", "ramfs", "rootfs", "devtmpfs", "squashfs", "iso9660", "udf": return false
        case "zfs", "bcachefs": return true
        default: break
        }
        if source.hasPrefix("/dev/") {
            for prefix in ["/dev/loop", "/dev/zram", "/dev/ram", "/dev/sr", "/dev/fuse"] where source.hasPrefix(prefix)
            {
                return false
            }
            return true
        }
        return point == "/"
    }

    /// What shares one free space: the device, or the pool of a dataset.
    var space: String { type == "zfs" ? String(source.prefix { $0 != "/" }) : source }

    /// The mounts in the kernel's order; lines that are not as expected are left out.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> [Mount] {
        var scanner = FieldScanner(bytes)
        var mounts: [Mount] = []
        repeat {
            let source = unescaped(scanner.word())
            let point = unescaped(scanner.word())
            let type = unescaped(scanner.word())
            if !type.isEmpty { mounts.append(Mount(source: source, point: point, type: type)) }
        } while scanner.nextLine()
        return mounts
    }

    /// The kernel writes blanks, tabs, line ends and backslashes as three octal digits.
    private static func unescaped(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.contains(0x5C) else { return String(decoding: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes[(index + 1)...].prefix(3)
            if bytes[index] == 0x5C, digits.count == 3, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }) {
                plain.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
                index += 4
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
