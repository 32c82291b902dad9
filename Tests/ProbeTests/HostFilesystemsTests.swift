import Glibc
import Grid
import Testing

@testable import Probe

@Suite struct HostFilesystemsTests {
    private func mounts(_ text: String) -> [Mount] {
        var text = text
        return text.withUTF8 { Mount.parse(UnsafeRawBufferPointer($0)) }
    }

    @Test func escapesAreUndone() {
        let parsed = mounts("/dev/sda1 /mnt/my\\040disk\\134x ext4 rw 0 0\n")
        #expect(parsed == [Mount(source: "/dev/sda1", point: "/mnt/my disk\\x", type: "ext4")])
    }

    @Test func brokenLinesAreLeftOut() { #expect(mounts("\n/dev/sda1\n/dev/sda2 /x\n").isEmpty) }

    @Test(arguments: [
        (Mount(source: "/dev/nvme0n1p2", point: "/", type: "ext4"), true),
        (Mount(source: "/dev/mapper/vg-data", point: "/data", type: "xfs"), true),
        (Mount(source: "tank/data", point: "/tank", type: "zfs"), true),
        (Mount(source: "overlay", point: "/", type: "overlay"), true),
        (Mount(source: "overlay", point: "/var/lib/docker/x", type: "overlay"), false),
        (Mount(source: "tmpfs", point: "/", type: "tmpfs"), false),
        (Mount(source: "tmpfs", point: "/run", type: "tmpfs"), false),
        (Mount(source: "proc", point: "/proc", type: "proc"), false),
        (Mount(source: "server:/export", point: "/mnt", type: "nfs4"), false),
        (Mount(source: "/dev/loop3", point: "/snap/x", type: "squashfs"), false),
        (Mount(source: "/dev/sr0", point: "/media", type: "iso9660"), false),
        (Mount(source: "/dev/fuse", point: "/mnt/f", type: "fuse"), false),
    ])
    func onlyLocalDisksCount(_ mount: Mount, _ isOnDisk: Bool) { #expect(mount.isOnDisk == isOnDisk) }

    @Test func bindMountsAndDatasetsShareOneSpace() throws {
        let machine = Machine()
        for folder in ["a", "b", "pool", "pool2", "gone"] where folder != "gone" { machine.set("/\(folder)/x", "") }
        machine.set(
            "/proc/self/mounts",
            """
            /dev/sda1 /a ext4 rw 0 0
            /dev/sda1 /b ext4 rw 0 0
            tank/one /pool zfs rw 0 0
            tank/two /pool2 zfs rw 0 0
            /dev/sdb1 /gone ext4 rw 0 0

            """)
        let (sample, reading) = machine.once(HostFilesystems(root: machine.root))
        #expect(reading == .value)
        let filesystems = try #require(sample.detail?.filesystems)
        #expect(filesystems.map(\.mountPoint) == ["/a", "/pool"])
        #expect(filesystems.map(\.type) == ["ext4", "zfs"])
        #expect((0...100).contains(try #require(sample.host.filesystemUsedPercent)))
    }

    @Test func singleFilesAreNoFileSystems() {
        let machine = Machine()
        machine.set("/etc/hosts", "")
        machine.set("/proc/self/mounts", "/dev/sda1 /etc/hosts ext4 rw 0 0\n")
        #expect(machine.once(HostFilesystems(root: machine.root)).reading == .absent)
    }

    @Test func removableMediaAreNotFixed() {
        let machine = Machine()
        machine.set("/media/x", "")
        machine.set("/sys/class/block/sdz/removable", "1")
        machine.set("/proc/self/mounts", "/dev/sdz /media vfat rw 0 0\n")
        #expect(machine.once(HostFilesystems(root: machine.root)).reading == .absent)
    }

    @Test func theLiveRootAgreesWithStatvfs() throws {
        let machine = Machine()
        let (sample, reading) = machine.once(HostFilesystems(root: .live))
        guard reading == .value, let root = sample.detail?.filesystems.first(where: { $0.mountPoint == "/" }) else {
            return
        }
        var volume = statvfs()
        #expect(statvfs("/", &volume) == 0)
        #expect(root.totalBytes == UInt64(volume.f_blocks) * UInt64(volume.f_frsize))
    }

    @Test func betweenDetailsTheShareStands() {
        let machine = Machine()
        machine.set("/a/x", "")
        machine.set("/proc/self/mounts", "/dev/sda1 /a ext4 rw 0 0\n")
        let collector = HostFilesystems(root: machine.root)
        let files = FileReader()
        var first = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
        first.detail = HostDetail()
        let tick = Tick(nowNanoseconds: 1, elapsedNanoseconds: nil, files: files)
        _ = collector.collect(tick, into: &first)
        machine.set("/proc/self/mounts", "")
        var second = NodeSample(sequence: 2, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
        #expect(collector.collect(tick, into: &second) == .value)
        #expect(second.host.filesystemUsedPercent == first.host.filesystemUsedPercent)
        #expect(first.host.filesystemUsedPercent != nil)
    }
}
