internal import Grid

/// What a result that is compared usually costs, to tell which ones are dear: whoever is paid for what it has not done
/// gains most by those, by choosing them or by billing more time than the work takes.
///
/// It is the moving mean over results that another node confirmed. What nobody confirmed does not move it.
struct UsualCost: Hashable, Sendable {
    private var sum: Int64 = 0
    private var count: Int64 = 0

    /// So many results make up the mean.
    private static let window: Int64 = 256
    private static let microsAtMost: Int64 = 1 << 48
    /// However cheap a result is, it may be compared; however dear it is, it is one result.
    private static let percent: ClosedRange<Int64> = 25...10_000

    /// Notes what a confirmed result has cost, in micro-credits.
    mutating func note(_ micros: Int64) {
        let cost = min(max(micros, 0), Self.microsAtMost)
        if count < Self.window { count += 1 } else { sum -= sum / Self.window }
        sum += cost
    }

    /// What a result costs beside the usual, in hundredths; 100 while nobody knows what is usual.
    func percent(of micros: Int64) -> Int64 {
        guard count > 0, sum > 0 else { return 100 }
        let cost = min(max(micros, 0), Self.microsAtMost)
        let (hundredfold, overflow) = cost.multipliedReportingOverflow(by: 100)
        let usual = max(sum / count, 1)
        return min(max(overflow ? .max : hundredfold / usual, Self.percent.lowerBound), Self.percent.upperBound)
    }
}

extension TaskRecord {
    /// What a task of one member has cost so far, in micro-credits: the same measure for all currencies.
    var costMicroCredits: Int64 {
        guard let lease = leases.first else { return 0 }
        return Ledger.micros(
            pricePerHour: lease.pricePerHourMicros, billableMilli: lease.billableMilli,
            milliseconds: lease.ranMilliseconds ?? 0, microsPerCredit: 1_000_000)
    }
}
