internal import Grid

/// The score's arithmetic, in integers and fixed point alone.
///
///     score = clamp(100 − Σ over categories of max(dᵢ · 2^(−ageᵢ/τᵢ)))
///
/// then at most ``Threshold/gateCap`` while a gate holds, and never above the coverage: a sensor that is unknown
/// is not a healthy one, so only a node that tells everything can score 100. `nil` where nothing is known.
/// The figures dᵢ and τᵢ are in ``Threshold``.
struct HealthScore: Hashable, Sendable {
    var score: Int?
    /// The share of the sensors that is known, 0 to 100, rounded down.
    var coveragePercent: Int

    static let unknown = HealthScore(score: nil, coveragePercent: 0)

    /// Scores what the signals say at that second. Cheap while nothing is wrong: no table is looked up.
    static func of(_ signals: HealthSignals, second: UInt32) -> HealthScore {
        let coverage = signals.coveragePercent
        guard coverage > 0 else { return .unknown }
        var rest: Int64 = 100 * FixedPoint.one
        var cap = coverage
        if signals.everSeen != 0 {
            for category in FaultCategory.all {
                if let worst = worst(in: category, signals, second: second) { rest -= worst.points }
            }
            if isGated(signals) { cap = min(cap, Threshold.gateCap) }
        }
        let rounded = Int((max(0, rest) + FixedPoint.one / 2) / FixedPoint.one)
        return HealthScore(score: min(rounded, cap), coveragePercent: coverage)
    }

    /// The points that a fault takes at that second, in Q16.16.
    static func points(_ fault: Fault, _ signals: HealthSignals, second: UInt32) -> Int64 {
        let threshold = Threshold.of(fault)
        if signals.isHeld(fault) { return threshold.points * FixedPoint.one }
        guard let age = signals.age(of: fault, second: second) else { return 0 }
        return threshold.points * FixedPoint.exp2(-(age << 16) / threshold.halfLifeSeconds)
    }

    /// The fault of a category that takes most; the first of equals.
    static func worst(
        in category: FaultCategory, _ signals: HealthSignals, second: UInt32
    ) -> (fault: Fault, points: Int64)? {
        var worst: (fault: Fault, points: Int64)?
        for fault in Fault.all where Threshold.of(fault).category == category {
            let points = points(fault, signals, second: second)
            if points > (worst?.points ?? 0) { worst = (fault, points) }
        }
        return worst
    }

    /// Whether a fault holds that keeps tasks away.
    static func isGated(_ signals: HealthSignals) -> Bool {
        signals.everSeen != 0 && Fault.all.contains { signals.isHeld($0) && Threshold.of($0).isGate }
    }
}
