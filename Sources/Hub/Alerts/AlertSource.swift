internal import Grid

/// What a sample or a silence decided about alerts, to be done at the end of the `apply`: what it stores must not make
/// the telemetry wait that came with it.
struct OwedAlert: Hashable, Sendable {
    var index: Int32
    var cause: AlertCause
    var turn: AlertTurn
    var message = ""
    var reading = AlertReading()
}

/// The simple threshold source: what nodes say, against the configured thresholds.
extension Hub {
    /// How far below a threshold a temperature, a score or a percentage must come before it counts as gone.
    private static let margin: Int64 = 5

    /// Looks at a node's newest sample. Builds no text but for an alert.
    mutating func watchReadings(_ index: Int, _ now: Now) {
        guard let sample = nodes.states[index].latest else { return }
        let limits = configuration.alerts
        let readings = AlertReadings(sample)
        let second = HealthSignals.second(now.monotonicNanoseconds)
        watchHealth(index, limits.healthScore, second)
        if let worst = readings.temperature {
            watch(index, .gpuTemperature, worst.value, limits.gpuCelsius, second: second, unit: "°C") {
                "GPU \(worst.gpu) is at \($0) °C, its limit is \($1) °C"
            }
        }
        if let worst = readings.gpuMemory {
            watch(index, .gpuMemory, worst.value, limits.gpuMemoryPercent, second: second, unit: "%", per: 10) {
                "The memory of GPU \(worst.gpu) is \($0) % full, its limit is \($1) %"
            }
        }
        if let worst = readings.gpuErrors {
            watch(index, .gpuErrors, worst.value, limits.gpuErrors, margin: 0, second: second, unit: "") {
                "GPU \(worst.gpu) counts \($0) uncorrected memory errors, its limit is \($1)"
            }
        }
        if let value = readings.memory {
            watch(index, .memory, value, limits.memoryPercent, second: second, unit: "%", per: 10) {
                "The memory is \($0) % full, its limit is \($1) %"
            }
        }
        if let value = readings.disk {
            watch(index, .disk, value, limits.diskPercent, second: second, unit: "%", per: 10) {
                "A file system is \($0) % full, its limit is \($1) %"
            }
        }
    }

    /// - Parameters:
    ///   - value: in parts of the unit, `per` of them a whole.
    ///   - threshold: in whole units; 0 = never.
    ///   - message: from value and threshold as text.
    private mutating func watch(
        _ index: Int, _ cause: AlertCause, _ value: Int64, _ threshold: Int64, margin: Int64 = Hub.margin,
        second: UInt32, unit: String, per parts: Int64 = 1, _ message: (String, String) -> String
    ) {
        guard threshold > 0 else { return }
        let side = AlertSide(value, threshold: threshold * parts, margin: margin * parts)
        guard let turn = nodes.states[index].watch.note(cause, side, second: second, configuration.alerts) else {
            return
        }
        let reading = AlertReading(
            valueThousandths: Self.thousandths(value, per: parts), thresholdThousandths: threshold * 1000, unit: unit)
        owe(index, cause, turn, reading) { message(Self.text(value, per: parts), "\(threshold)") }
    }

    private static func thousandths(_ value: Int64, per parts: Int64) -> Int64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 1000 / parts)
        return overflow ? .max : product
    }

    private static func text(_ value: Int64, per parts: Int64) -> String {
        value % parts == 0 ? "\(value / parts)" : "\(value / parts).\(value % parts)"
    }

    /// A score is only as high as what is known of a node, and what is not known alarms nobody: a machine without GPUs
    /// would never be well.
    private mutating func watchHealth(_ index: Int, _ threshold: Int64, _ second: UInt32) {
        guard threshold > 0, let score = nodes.states[index].score.score else { return }
        let isLowered = score < nodes.states[index].score.coveragePercent
        let value = Int64(score)
        let well = min(threshold + Self.margin, 100)
        let side: AlertSide = value < threshold && isLowered ? .over : value >= well || !isLowered ? .under : .near
        guard let turn = nodes.states[index].watch.note(.health, side, second: second, configuration.alerts) else {
            return
        }
        let reading = AlertReading(
            valueThousandths: value * 1000, thresholdThousandths: threshold * 1000, unit: "points")
        owe(index, .health, turn, reading) { "The node's health is \(value), its limit is \(threshold)" }
    }

    // MARK: Silence

    /// The node's lease ended.
    mutating func watchSilence(_ index: Int, _ now: Now) {
        guard configuration.alerts.isOfflineRaised else { return }
        guard !nodes.states[index].watch.isRaised(.nodeOffline) else {
            // It was heard for a moment, and that did not count.
            return nodes.states[index].watch.set(.nodeOffline, isRaised: true)
        }
        nodes.states[index].watch.set(.nodeOffline, isRaised: true)
        let silence = now.monotonicNanoseconds.distanceBehind(heardSince(index)) / 1_000_000
        let reading = AlertReading(
            valueThousandths: Int64(silence), thresholdThousandths: Int64(configuration.leaseNanoseconds / 1_000_000),
            unit: "s")
        owe(index, .nodeOffline, .raise, reading) { "The node is offline: its agent fell silent" }
    }

    /// The node was heard: once it has been so for a while, its silence is over.
    mutating func watchReturn(_ index: Int, _ now: Now) {
        guard nodes.states[index].watch.isRaised(.nodeOffline) else { return }
        let second = HealthSignals.second(now.monotonicNanoseconds)
        let turn = nodes.states[index].watch.note(.nodeOffline, .under, second: second, configuration.alerts)
        if turn == .clear { owe(index, .nodeOffline, .clear, AlertReading()) { "" } }
    }

    private mutating func owe(
        _ index: Int, _ cause: AlertCause, _ turn: AlertTurn, _ reading: AlertReading, _ message: () -> String
    ) {
        let text = turn == .raise ? message() : ""
        owedAlerts.append(
            OwedAlert(index: Int32(index), cause: cause, turn: turn, message: text, reading: reading))
    }
}

extension AlertCause {
    /// How much it matters.
    var severity: AlertSeverity {
        switch self {
        case .nodeOffline, .gpuErrors: .critical
        case .health, .gpuTemperature, .gpuMemory, .memory, .disk: .warning
        }
    }
}
