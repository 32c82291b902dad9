import Grid

extension ScanReport {
    /// The report for people: aligned lines, `-` for what is absent, the verdict last.
    public var table: String {
        var lines: [String] = []
        facts(&lines)
        host(&lines)
        gpus(&lines)
        lines.append("")
        for finding in findings {
            let weight = finding.verdict == .healthy ? "note" : finding.verdict.name
            lines.append("\(weight): \(finding.message) [\(finding.code)]")
        }
        lines.append("verdict: \(verdict.name)")
        return lines.joined(separator: "\n") + "\n"
    }

    private func facts(_ lines: inout [String]) {
        func line(_ name: String, _ value: String?) { lines.append(Self.pad(name, 12) + (value ?? "-")) }
        line("host", specifications.hostname)
        line("system", specifications.operatingSystem)
        line("kernel", specifications.kernel)
        let cores = specifications.cpuCores.map { " (\($0) cores)" } ?? ""
        line("processor", specifications.cpuModel.map { $0 + cores })
        line("memory", specifications.memoryTotalBytes.map(Self.binary))
        line("storage", specifications.storageBytes.map { "\(Self.fixed(Double($0) / 1e9, 1)) GB" })
        line("network", specifications.networkMegabitsPerSecond.map { "\($0) Mbit/s" })
        line("driver", specifications.driverVersion)
        lines.append("")
    }

    private func host(_ lines: inout [String]) {
        let host = sample.host
        func line(_ name: String, _ value: String?) { lines.append(Self.pad(name, 12) + (value ?? "-")) }
        func percent(_ value: Double?) -> String { value.map { Self.fixed($0, 1) + " %" } ?? "-" }
        func rate(_ bytes: UInt64?) -> String {
            guard let bytes, sample.intervalMilliseconds > 0 else { return "-" }
            return "\(Self.fixed(Double(bytes) / Double(sample.intervalMilliseconds) / 1000, 2)) MB/s"
        }
        let loads = [host.load1, host.load5, host.load15].map { $0.map { Self.fixed($0, 2) } ?? "-" }
        line("cpu", "\(percent(host.cpuPercent)) busy, load \(loads.joined(separator: " "))")
        line("ram used", host.memoryUsedBytes.map(Self.binary))
        let pressures = [host.cpuPressurePercent, host.memoryPressurePercent, host.ioPressurePercent].map(percent)
        line("pressure", "cpu \(pressures[0]), memory \(pressures[1]), io \(pressures[2])")
        line("disk", "read \(rate(host.diskReadBytes)), written \(rate(host.diskWrittenBytes))")
        line("traffic", "in \(rate(host.networkReceivedBytes)), out \(rate(host.networkSentBytes))")
        line("fullest fs", host.filesystemUsedPercent.map { percent($0) })
        line("uptime", host.uptimeSeconds.map { "\($0 / 86_400) d \($0 / 3600 % 24) h \($0 / 60 % 60) min" })
    }

    private func gpus(_ lines: inout [String]) {
        guard !sample.gpus.isEmpty else { return }
        let names = Dictionary(
            specifications.gpus.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
        lines.append("")
        lines.append("GPU  STATE        UTIL  MEMORY            TEMP   POWER          SM CLOCK  NAME")
        for gpu in sample.gpus {
            func number(_ value: (some BinaryInteger)?, _ unit: String) -> String {
                value.map { "\($0) \(unit)" } ?? "-"
            }
            let watts = gpu.powerMilliwatts.map { Self.fixed(Double($0) / 1000, 0) } ?? "-"
            let limit = gpu.powerLimitMilliwatts.map { Self.fixed(Double($0) / 1000, 0) } ?? "-"
            let used = gpu.memoryUsedBytes.map { Self.fixed(Double($0) / 1_073_741_824, 1) } ?? "-"
            let total = gpu.memoryTotalBytes.map { Self.fixed(Double($0) / 1_073_741_824, 1) } ?? "-"
            lines.append(
                Self.pad("\(gpu.index)", 5) + Self.pad(gpu.state.name, 13)
                    + Self.pad(number(gpu.utilizationPercent, "%"), 6) + Self.pad("\(used)/\(total) GiB", 18)
                    + Self.pad(number(gpu.temperatureCelsius, "°C"), 7) + Self.pad("\(watts)/\(limit) W", 15)
                    + Self.pad(number(gpu.smClockMegahertz, "MHz"), 10) + (names[gpu.index] ?? ""))
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }

    private static func binary(_ bytes: UInt64) -> String { "\(fixed(Double(bytes) / 1_073_741_824, 1)) GiB" }

    /// A non-negative number with that many digits behind the point.
    private static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let units = UInt64((value * scale).rounded())
        guard digits > 0 else { return "\(units)" }
        let fraction = "\(units % UInt64(scale))"
        return "\(units / UInt64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
