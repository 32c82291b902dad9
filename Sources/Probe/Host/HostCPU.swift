import Grid

/// Busy share of all cores together and of each core, from /proc/stat.
///
/// Busy is everything but idle and iowait. Stolen time counts as busy: the core was wanted and not there. Guest time
/// is already within user and nice.
final class HostCPU: Collector {
    let name: StaticString = "host_cpu"
    private let file: HotFile
    private var total: Times?
    /// By the kernel's core number; `nil` where that core was offline.
    private var cores: [Times?] = []
    private var percents: [Double] = []

    /// A share of fewer clock ticks than this (hundredths of a second, usually) is chance.
    private static let fewestTicks: UInt64 = 5

    /// Clock ticks since boot.
    private struct Times {
        var busy: UInt64
        var idle: UInt64
    }

    init(root: MachineRoot) { file = HotFile("/proc/stat", of: root) }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        do throws(FileFault) {
            let reading = try tick.files.read(file) { bytes in read(bytes, into: &sample) }
            if case .failed = reading { forget() }
            return reading
        } catch {
            forget()
            return .failed(error.description)
        }
    }

    func close() { file.close() }

    private func forget() {
        total = nil
        cores.removeAll(keepingCapacity: true)
    }

    private func read(_ bytes: UnsafeRawBufferPointer, into sample: inout NodeSample) -> Reading {
        var scanner = FieldScanner(bytes)
        guard scanner.skip("cpu "), let now = Self.times(&scanner) else {
            return .failed("/proc/stat: not as expected")
        }
        if let before = total, now.busy &+ now.idle &- before.busy &- before.idle >= Self.fewestTicks {
            sample.host.cpuPercent = Self.percent(from: before, to: now)
        }
        let hadBaseline = total != nil
        total = now

        let wantsDetail = sample.detail != nil
        percents.removeAll(keepingCapacity: true)
        var seen = 0
        while scanner.nextLine(), scanner.skip("cpu") {
            guard let number = scanner.unsigned(), number < Limits.coresPerNode, let now = Self.times(&scanner) else {
                continue
            }
            let index = Int(number)
            // A core that is offline has no line: what it did before says nothing once it is back.
            while cores.count <= index { cores.append(nil) }
            while seen < index {
                cores[seen] = nil
                seen += 1
            }
            seen = index + 1
            // A core that accounted no time since the last tick did nothing that Linux counts.
            if wantsDetail, let before = cores[index] {
                percents.append(Self.percent(from: before, to: now) ?? 0)
            }
            cores[index] = now
        }
        if wantsDetail { sample.detail?.corePercents = percents }
        return hadBaseline ? .value : .absent
    }

    /// Reads user nice system idle iowait irq softirq steal; old kernels lack the last ones.
    private static func times(_ scanner: inout FieldScanner) -> Times? {
        guard let user = scanner.unsigned(), let nice = scanner.unsigned(), let system = scanner.unsigned(),
            let idle = scanner.unsigned()
        else { return nil }
        let waiting = scanner.unsigned() ?? 0
        var busy = user &+ nice &+ system
        for _ in 0..<3 { busy &+= scanner.unsigned() ?? 0 }
        return Times(busy: busy, idle: idle &+ waiting)
    }

    private static func percent(from before: Times, to now: Times) -> Double? {
        // Idle and iowait may step back by a tick on a running kernel: then nothing was idle.
        let busy = now.busy > before.busy ? now.busy - before.busy : 0
        let idle = now.idle > before.idle ? now.idle - before.idle : 0
        guard busy > 0 || idle > 0 else { return nil }
        return 100 * Double(busy) / (Double(busy) + Double(idle))
    }
}
