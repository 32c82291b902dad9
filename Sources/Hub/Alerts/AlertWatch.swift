internal import Grid

/// Where a reading stands to its threshold.
enum AlertSide: Hashable, Sendable {
    case over
    /// Less than the margin below it: enough to keep an alert, not to raise one.
    case near
    case under

    /// - Parameter margin: how far below the threshold a reading must be, so that it does not flap.
    init(_ value: Int64, threshold: Int64, margin: Int64) {
        self = value >= threshold ? .over : value < threshold - margin ? .under : .near
    }
}

/// What is to be said of one cause.
enum AlertTurn: Hashable, Sendable {
    case raise, clear
}

/// How one node's causes of alerts have been doing, a few words of memory; updated in place with each sample.
struct AlertWatch: Sendable {
    private struct Line: Sendable {
        /// Since when, in seconds of ``HealthSignals/second(_:)``, the readings speak for a turn; 0 = they do not.
        var since: UInt32 = 0
        var isRaised = false
    }

    private var lines = InlineArray<7, Line>(repeating: Line())

    func isRaised(_ cause: AlertCause) -> Bool { lines[cause.place].isRaised }

    /// Sets what is known without readings: of a stored alert, or one that could not be raised.
    mutating func set(_ cause: AlertCause, isRaised: Bool) { lines[cause.place] = Line(isRaised: isRaised) }

    /// Notes one reading. What it means has to last so many seconds before it is a turn.
    mutating func note(
        _ cause: AlertCause, _ side: AlertSide, second: UInt32, _ configuration: AlertConfiguration
    ) -> AlertTurn? {
        let isRaised = lines[cause.place].isRaised
        guard side == (isRaised ? .under : .over) else {
            lines[cause.place].since = 0
            return nil
        }
        if lines[cause.place].since == 0 { lines[cause.place].since = second }
        let needed = isRaised ? configuration.resolveAfterSeconds : configuration.raiseAfterSeconds
        guard second - min(second, lines[cause.place].since) >= needed else { return nil }
        lines[cause.place] = Line(isRaised: !isRaised)
        return isRaised ? .clear : .raise
    }
}

extension AlertCause {
    /// Its place in an ``AlertWatch``.
    fileprivate var place: Int {
        switch self {
        case .nodeOffline: 0
        case .health: 1
        case .gpuTemperature: 2
        case .gpuMemory: 3
        case .gpuErrors: 4
        case .memory: 5
        case .disk: 6
        }
    }
}
