import Grid

/// Pressure stall information: the share of the last 10 s in which some task waited for CPU, memory or I/O.
///
/// Absent on kernels that were built or started without it.
final class HostPressure: Collector {
    let name: StaticString = "host_pressure"
    private let processor: HotFile
    private let memory: HotFile
    private let io: HotFile

    init(root: MachineRoot) {
        processor = HotFile("/proc/pressure/cpu", of: root)
        memory = HotFile("/proc/pressure/memory", of: root)
        io = HotFile("/proc/pressure/io", of: root)
    }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        var result = Reading.absent
        sample.host.cpuPressurePercent = percent(processor, tick, &result)
        sample.host.memoryPressurePercent = percent(memory, tick, &result)
        sample.host.ioPressurePercent = percent(io, tick, &result)
        return result
    }

    func close() {
        processor.close()
        memory.close()
        io.close()
    }

    /// One file's reading; the worst that befell any of the three is the collector's result.
    private func percent(_ file: HotFile, _ tick: Tick, _ result: inout Reading) -> Double? {
        do throws(FileFault) {
            let percent = try tick.files.read(file, Self.someTenSeconds)
            if percent == nil {
                result = .failed("\(file.path): not as expected")
            } else if result == .absent {
                result = .value
            }
            return percent
        } catch {
            if !error.isAbsence { result = .failed(error.description) }
            return nil
        }
    }

    /// `some avg10=0.34 avg60=…`
    private static func someTenSeconds(_ bytes: UnsafeRawBufferPointer) -> Double? {
        var scanner = FieldScanner(bytes)
        guard scanner.skip("some avg10="), let percent = scanner.decimal() else { return nil }
        return min(percent, 100)
    }
}
