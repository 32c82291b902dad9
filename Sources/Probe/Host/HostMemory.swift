import Grid

/// Memory and swap, from /proc/meminfo.
final class HostMemory: Collector {
    let name: StaticString = "host_memory"
    private let file: HotFile

    init(root: MachineRoot) { file = HotFile("/proc/meminfo", of: root) }

    func collect(_ tick: Tick, into sample: inout NodeSample) -> Reading {
        do throws(FileFault) {
            return try tick.files.read(file) { bytes in Self.read(bytes, into: &sample.host) }
        } catch {
            return .failed(error.description)
        }
    }

    func close() { file.close() }

    private static func read(_ bytes: UnsafeRawBufferPointer, into host: inout HostSample) -> Reading {
        var scanner = FieldScanner(bytes)
        repeat {
            if scanner.skip("MemTotal:") {
                host.memoryTotalBytes = kibibytes(&scanner)
            } else if scanner.skip("MemAvailable:") {
                host.memoryAvailableBytes = kibibytes(&scanner)
            } else if scanner.skip("SwapTotal:") {
                host.swapTotalBytes = kibibytes(&scanner)
            } else if scanner.skip("SwapFree:") {
                host.swapFreeBytes = kibibytes(&scanner)
                break  // Nothing that is wanted comes later.
            }
        } while scanner.nextLine()
        return host.memoryTotalBytes == nil ? .failed("/proc/meminfo: no MemTotal") : .value
    }

    private static func kibibytes(_ scanner: inout FieldScanner) -> UInt64? {
        guard let value = scanner.unsigned(), value <= UInt64.max / 1024 else { return nil }
        return value * 1024
    }
}
