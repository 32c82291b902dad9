internal import Grid

/// What tasks may cost and have cost, in exact integers: products have 128 bits, and what is left of a micro-unit is
/// rounded up, once for each member.
extension Ledger {
    private static let millisecondsPerHour: UInt128 = 3_600_000
    private static let thousandths: UInt128 = 1000
    private static let microsPerCreditOfPrices: UInt128 = 1_000_000

    /// What is set aside for a task at its submission: the most that all its members can cost together, since each
    /// is rounded up alike. 0 for an external task; `nil` where nobody knows what the currency is worth; larger than
    /// any balance where it would be too much for this arithmetic.
    static func holdMicros(for specification: TaskSpecification, configuration: HubConfiguration) -> Int64? {
        guard let rate = configuration.microsPerCredit[specification.currency] else { return nil }
        if specification.isExternal { return 0 }
        // Without a GPU a task has at most all of its node.
        let billable = specification.resources.gpu == .none ? 1000 : specification.resources.gpu.milli
        let member = micros(
            pricePerHour: specification.resources.priceCapMicros ?? Limits.priceCapMicros,
            billableMilli: Int64(billable), milliseconds: specification.timeoutSeconds.multipliedSaturating(by: 1000),
            microsPerCredit: rate)
        return member.multipliedSaturating(by: Int64(specification.gangSize))
    }

    /// What one member's run has cost; 0 for one that never ran. Not more than its part of the hold, as long as its
    /// running time is within the task's timeout and its price within the cap. Nothing is known to be owed in a
    /// currency that the operator has taken out of the configuration since.
    static func costMicros(
        of lease: TaskLease, in currency: Currency, configuration: HubConfiguration
    ) -> Int64 {
        guard let rate = configuration.microsPerCredit[currency] else { return 0 }
        return micros(
            pricePerHour: lease.pricePerHourMicros, billableMilli: lease.billableMilli,
            milliseconds: lease.ranMilliseconds ?? 0, microsPerCredit: rate)
    }

    /// The platform's part of the first so many micro-units that a task costs, rounded down.
    static func feeMicros(of micros: Int64, configuration: HubConfiguration) -> Int64 {
        let share = UInt128(min(max(configuration.platformFeeBasisPoints, 0), 10_000))
        return Int64(UInt128(max(micros, 0)) * share / 10_000)
    }

    /// The price of so much for so long, rounded up; `Int64.max` where it is larger. Negative factors count as 0.
    static func micros(
        pricePerHour: Int64, billableMilli: Int64, milliseconds: Int64, microsPerCredit: Int64
    ) -> Int64 {
        let divisor = millisecondsPerHour * thousandths * microsPerCreditOfPrices
        var product: UInt128 = 1
        for factor in [pricePerHour, billableMilli, milliseconds, microsPerCredit] {
            let (next, overflow) = product.multipliedReportingOverflow(by: UInt128(max(factor, 0)))
            if overflow { return .max }
            product = next
        }
        let (quotient, rest) = product.quotientAndRemainder(dividingBy: divisor)
        return Int64(exactly: rest == 0 ? quotient : quotient + 1) ?? .max
    }
}

extension Int64 {
    /// The product of what is not negative, or the largest value where it is too large.
    fileprivate func multipliedSaturating(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
