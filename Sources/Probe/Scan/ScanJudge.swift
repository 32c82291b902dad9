import Grid

/// Turns what a scan read into findings: pure, so that every threshold has a test.
struct ScanJudge {
    let specifications: NodeSpecifications
    let sample: NodeSample
    let availability: NVMLAvailability
    /// NVIDIA GPUs that the PCI bus shows.
    let gpusOnBus: Int

    /// The findings, worst first.
    func findings() -> [ScanFinding] {
        var findings = driver()
        for gpu in sample.gpus { findings += judge(gpu) }
        findings += host()
        for failure in sample.failures {
            // What concerns a card is said by the card's own finding already, or is one of its sensors.
            findings.append(ScanFinding(.degraded, "reading_failed", "\(failure.collector): \(failure.reason)"))
        }
        return findings.enumerated()
            .sorted { ($0.element.verdict, $1.offset) > ($1.element.verdict, $0.offset) }
            .map(\.element)
    }

    private func driver() -> [ScanFinding] {
        let cards = "\(gpusOnBus) NVIDIA GPU\(gpusOnBus == 1 ? "" : "s") on the PCI bus"
        switch availability {
        case .present:
            guard gpusOnBus > sample.gpus.count else { return [] }
            return [ScanFinding(.unhealthy, "gpu_missing", "\(cards), \(sample.gpus.count) known to the driver")]
        case .absent(let reason):
            if gpusOnBus > 0 { return [ScanFinding(.unhealthy, "driver_absent", "\(cards) and no driver: \(reason)")] }
            return [ScanFinding(.healthy, "driver_absent", "no NVIDIA driver: \(reason)")]
        case .failed(let reason):
            return [ScanFinding(.unhealthy, "driver_failed", "the NVIDIA driver does not work: \(reason)")]
        case .unknown:
            return [ScanFinding(.unhealthy, "driver_silent", "the NVIDIA driver does not answer")]
        }
    }

    private func judge(_ gpu: GPUSample) -> [ScanFinding] {
        let name = "GPU \(gpu.index)"
        switch gpu.state {
        case .ok: break
        case .stale: return [ScanFinding(.unhealthy, "gpu_stale", "\(name) does not answer in time")]
        case .driverHung: return [ScanFinding(.unhealthy, "gpu_driver_hung", "\(name): the driver hangs")]
        case .lost: return [ScanFinding(.unhealthy, "gpu_lost", "\(name) has fallen off the bus")]
        }
        var findings: [ScanFinding] = []
        if let celsius = gpu.temperatureCelsius, let finding = temperature(celsius, of: gpu.index) {
            findings.append(finding)
        }
        let harmful = (gpu.throttleReasons ?? 0) & ScanThresholds.harmfulThrottleBits
        if harmful != 0 {
            let bits = String(harmful, radix: 16)
            findings.append(
                ScanFinding(.degraded, "gpu_throttled", "\(name) slows itself down (throttle reasons 0x\(bits))"))
        }
        if let errors = gpu.uncorrectedErrors, errors > 0 {
            findings.append(ScanFinding(.unhealthy, "gpu_ecc", "\(name): \(errors) uncorrected memory errors"))
        }
        return findings
    }

    private func temperature(_ celsius: Int, of index: Int) -> ScanFinding? {
        let limit = specifications.gpus.first { $0.index == index }?.slowdownCelsius
        let hot = limit.map { $0 - ScanThresholds.degreesBelowSlowdown } ?? ScanThresholds.hotCelsius
        guard celsius >= hot else { return nil }
        let verdict: ScanVerdict = celsius >= limit ?? .max ? .unhealthy : .degraded
        let against = limit.map { ", slows down at \($0) °C" } ?? ""
        return ScanFinding(verdict, "gpu_hot", "GPU \(index) is at \(celsius) °C\(against)")
    }

    private func host() -> [ScanFinding] {
        var findings: [ScanFinding] = []
        if let total = sample.host.memoryTotalBytes, let available = sample.host.memoryAvailableBytes, total > 0 {
            let percent = 100 * Double(available) / Double(total)
            if percent < ScanThresholds.memoryAvailablePercent {
                findings.append(ScanFinding(.degraded, "memory_low", "\(Int(percent)) % of memory is available"))
            }
        }
        if let percent = sample.host.memoryPressurePercent, percent >= ScanThresholds.memoryPressurePercent {
            findings.append(
                ScanFinding(.degraded, "memory_pressure", "tasks wait for memory \(Int(percent)) % of the time"))
        }
        if let percent = sample.host.filesystemUsedPercent, percent >= ScanThresholds.filesystemDegradedPercent {
            let verdict: ScanVerdict =
                percent >= ScanThresholds.filesystemUnhealthyPercent ? .unhealthy : .degraded
            findings.append(ScanFinding(verdict, "filesystem_full", "a file system is \(Int(percent)) % full"))
        }
        return findings
    }
}
