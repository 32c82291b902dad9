internal import Grid

/// Puts a score into words. Only for readers: the per-sample path never builds a reason.
enum Verdict {
    /// Why nothing is known of a node, whatever it said before.
    enum Ignorance: Sendable {
        case awaitingAgent, agentStopped, noSample, samplesMissing
    }

    /// The score with what lowered it, worst first, then what is unknown, in the sensors' order.
    static func explain(_ signals: HealthSignals, _ score: HealthScore, second: UInt32) -> Health {
        guard score.score != nil else { return nothingKnown(.noSample) }
        var reasons: [HealthReason] = []
        if signals.everSeen != 0 { reasons = faults(signals, second: second) }
        if score.coveragePercent < 100 { reasons += unknowns(signals) }
        return Health(score: score.score, coveragePercent: score.coveragePercent, reasons: reasons)
    }

    static func nothingKnown(_ ignorance: Ignorance) -> Health {
        let reason =
            switch ignorance {
            case .awaitingAgent:
                HealthReason(
                    code: "awaiting_agent", message: "The coordinator has just started and awaits the agent", points: 0)
            case .agentStopped:
                HealthReason(code: "agent_stopped", message: "The agent was stopped in good order", points: 0)
            case .noSample:
                HealthReason(code: "no_sample", message: "The agent has not sent a current sample yet", points: 0)
            case .samplesMissing:
                HealthReason(code: "samples_missing", message: "The agent lives but sends no samples", points: 0)
            }
        return Health(score: nil, coveragePercent: 0, reasons: [reason])
    }

    /// A node whose lease ended: a gate (anchors: "lease lost"), and all sensors unknown.
    static func leaseLost(_ signals: HealthSignals, last: HealthScore, second: UInt32) -> Health {
        let lost = HealthReason(
            code: "lease_lost", message: "The agent fell silent", points: 100 - Threshold.gateCap)
        return Health(
            score: min(last.score ?? Threshold.gateCap, Threshold.gateCap), coveragePercent: 0,
            reasons: [lost] + faults(signals, second: second).filter { $0.code != code(.heartbeatGap) })
    }

    private static func faults(_ signals: HealthSignals, second: UInt32) -> [HealthReason] {
        var found: [(fault: Fault, points: Int)] = []
        for category in FaultCategory.all {
            guard let worst = HealthScore.worst(in: category, signals, second: second) else { continue }
            let points = Int((worst.points + FixedPoint.one / 2) / FixedPoint.one)
            if points > 0 { found.append((worst.fault, gated(points, worst.fault, signals))) }
        }
        // A gate counts whether or not a worse fault of its category hides it.
        for fault in Fault.all where Threshold.of(fault).isGate && signals.isHeld(fault) {
            if !found.contains(where: { $0.fault == fault }) { found.append((fault, gated(0, fault, signals))) }
        }
        found.sort { $0.points != $1.points ? $0.points > $1.points : $0.fault.rawValue < $1.fault.rawValue }
        return found.map {
            HealthReason(
                code: code($0.fault), message: message($0.fault, isHeld: signals.isHeld($0.fault)), points: $0.points)
        }
    }

    private static func gated(_ points: Int, _ fault: Fault, _ signals: HealthSignals) -> Int {
        Threshold.of(fault).isGate && signals.isHeld(fault) ? max(points, 100 - Threshold.gateCap) : points
    }

    private static func unknowns(_ signals: HealthSignals) -> [HealthReason] {
        var reasons: [HealthReason] = []
        if !signals.hasGPUs {
            reasons.append(HealthReason(code: "gpu_unknown", message: "The agent told of no GPU", points: 0))
        }
        for sensor in Sensor.allCases where signals.share(of: sensor) < 100 {
            if sensor.rawValue < Sensor.gpuSensors && !signals.hasGPUs { continue }
            reasons.append(unknown(sensor))
        }
        return reasons
    }

    private static func unknown(_ sensor: Sensor) -> HealthReason {
        switch sensor {
        case .memoryErrors:
            HealthReason(
                code: "memory_errors_unknown", message: "A GPU does not tell its uncorrected memory errors", points: 0)
        case .presence:
            HealthReason(code: "gpu_unread", message: "A GPU is not in the samples", points: 0)
        case .temperature:
            HealthReason(
                code: "temperature_unknown", message: "A GPU does not tell its temperature or its limit", points: 0)
        case .throttle:
            HealthReason(
                code: "throttle_unknown", message: "A GPU does not tell why its clocks are lowered", points: 0)
        case .disk:
            HealthReason(code: "disk_unknown", message: "The share of used disk space is unknown", points: 0)
        case .heartbeat:
            HealthReason(code: "heartbeat_unknown", message: "No heartbeat has been heard yet", points: 0)
        }
    }

    private static func code(_ fault: Fault) -> String {
        switch fault {
        case .uncorrectedMemory: "uncorrected_memory_errors"
        case .gpuMissing: "gpu_missing"
        case .driverHung: "driver_hung"
        case .gpuStale: "gpu_stale"
        case .thermalExcess: "gpu_too_hot"
        case .throttling: "gpu_throttled"
        case .diskFull: "disk_full"
        case .heartbeatGap: "heartbeat_gap"
        }
    }

    private static func message(_ fault: Fault, isHeld: Bool) -> String {
        switch fault {
        case .uncorrectedMemory:
            isHeld
                ? "A GPU has uncorrected memory errors since its driver loaded" : "A GPU had uncorrected memory errors"
        case .gpuMissing:
            isHeld ? "A GPU is missing or has fallen off the bus" : "A GPU was missing and came back"
        case .driverHung: isHeld ? "A GPU's driver hangs" : "A GPU's driver hung"
        case .gpuStale: isHeld ? "A GPU's readings are stale" : "A GPU's readings were stale"
        case .thermalExcess:
            isHeld ? "A GPU is at its slowdown temperature" : "A GPU was at its slowdown temperature"
        case .throttling:
            isHeld
                ? "A GPU's hardware slowed itself down in 6 of 10 minutes" : "A GPU's hardware slowed itself down"
        case .diskFull: isHeld ? "A disk is 85 % full or more" : "A disk was 85 % full or more"
        case .heartbeatGap: "The agent fell silent for a while"
        }
    }
}
