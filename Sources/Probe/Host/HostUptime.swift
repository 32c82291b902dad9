import Grid

/// Seconds since boot, from /proc/uptime.
final class HostUptime: Collector {
    let name: StaticString = "host_uptime"
    private let file: HotFile

    init(root: MachineRoot) { file = HotFile("/proc/uptime", of: root) }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        do throws(FileFault) {
            return try tick.files.read(file) { bytes in
                var scanner = FieldScanner(bytes)
                guard let seconds = scanner.unsigned() else { return .failed("/proc/uptime: not as expected") }
                sample.host.uptimeSeconds = seconds
                return .value
            }
        } catch {
            return .failed(error.description)
        }
    }

    func close() { file.close() }
}
