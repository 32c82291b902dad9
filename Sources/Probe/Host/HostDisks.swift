import Grid

/// Bytes read and written by the fixed disks since the previous tick, from /proc/diskstats.
final class HostDisks: Collector {
    let name: StaticString = "host_disk"
    private let root: MachineRoot
    private let file: HotFile
    private var disks = DeviceTable<Disk>()
    private var hasBaseline = false

    private struct Disk {
        let isFixed: Bool
        var sectorsRead: UInt64
        var sectorsWritten: UInt64
        var busyMilliseconds: UInt64
    }

    private struct Totals {
        var fixedDisks = 0
        var readBytes: UInt64 = 0
        var writtenBytes: UInt64 = 0
    }

    init(root: MachineRoot) {
        self.root = root
        file = HotFile("/proc/diskstats", of: root)
    }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        do throws(FileFault) {
            let totals = try tick.files.read(file) { bytes in read(bytes, tick, into: &sample.detail) }
            guard totals.fixedDisks > 0 else { return .absent }
            defer { hasBaseline = true }
            guard hasBaseline else { return .absent }
            sample.host.diskReadBytes = totals.readBytes
            sample.host.diskWrittenBytes = totals.writtenBytes
            return .value
        } catch {
            disks.removeAll()
            hasBaseline = false
            return error.isAbsence ? .absent : .failed(error.description)
        }
    }

    func close() { file.close() }

    /// A line: major minor name reads merged SECTORS ms writes merged SECTORS ms inflight BUSY_MS …
    private func read(_ bytes: UnsafeRawBufferPointer, _ tick: Tick, into detail: inout HostDetail?) -> Totals {
        var scanner = FieldScanner(bytes)
        var totals = Totals()
        disks.beginTurn()
        repeat {
            scanner.skipWords(2)
            let name = scanner.word()
            scanner.skipWords(2)
            guard !name.isEmpty, let sectorsRead = scanner.unsigned() else { continue }
            scanner.skipWords(3)
            guard let sectorsWritten = scanner.unsigned() else { continue }
            scanner.skipWords(2)
            let busy = scanner.unsigned() ?? 0
            guard let index = disks.find(name) else {
                let isFixed = BlockDevice.isFixedDisk(
                    String(decoding: name, as: UTF8.self), root: root, files: tick.files)
                // What a disk did before it was first seen belongs to no sample.
                let disk = Disk(
                    isFixed: isFixed, sectorsRead: sectorsRead, sectorsWritten: sectorsWritten, busyMilliseconds: busy)
                _ = disks.insert(name, disk)
                if isFixed { totals.fixedDisks += 1 }
                continue
            }
            guard disks[index].isFixed else { continue }
            let sample = step(index, sectorsRead, sectorsWritten, busy, elapsed: tick.elapsedNanoseconds)
            totals.fixedDisks += 1
            totals.readBytes &+= sample.readBytes
            totals.writtenBytes &+= sample.writtenBytes
            if hasBaseline { detail?.disks.append(sample) }
        } while scanner.nextLine()
        disks.endTurn()
        return totals
    }

    private func step(
        _ index: Int, _ sectorsRead: UInt64, _ sectorsWritten: UInt64, _ busy: UInt64, elapsed: UInt64?
    ) -> DiskSample {
        var disk = disks[index]
        let read = advance(&disk.sectorsRead, to: sectorsRead)
        let written = advance(&disk.sectorsWritten, to: sectorsWritten)
        let busyNanoseconds = Double(advance(&disk.busyMilliseconds, to: busy)) * 1e6
        disks[index] = disk
        var busyPercent: Double?
        if let elapsed, elapsed > 0 { busyPercent = min(100, 100 * busyNanoseconds / Double(elapsed)) }
        return DiskSample(
            name: disks.name(at: index), readBytes: read &* BlockDevice.sectorBytes,
            writtenBytes: written &* BlockDevice.sectorBytes, busyPercent: busyPercent)
    }
}
