import Grid

/// The load averages of /proc/loadavg.
final class HostLoad: Collector {
    let name: StaticString = "host_load"
    private let file: HotFile

    init(root: MachineRoot) { file = HotFile("/proc/loadavg", of: root) }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        do throws(FileFault) {
            return try tick.files.read(file) { bytes in
                var scanner = FieldScanner(bytes)
                guard let one = scanner.decimal(), let five = scanner.decimal(), let fifteen = scanner.decimal() else {
                    return .failed("/proc/loadavg: not as expected")
                }
                sample.host.load1 = one
                sample.host.load5 = five
                sample.host.load15 = fifteen
                return .value
            }
        } catch {
            return .failed(error.description)
        }
    }

    func close() { file.close() }
}
