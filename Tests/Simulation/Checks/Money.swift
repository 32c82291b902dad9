internal import Grid
internal import Hub

/// What tasks ought to hold and to cost, worked out by other means than the Hub's: in 128 bits.
enum Money {
    /// Price cap × thousandths of GPUs × members × timeout, in the task's currency, rounded up.
    static func hold(_ specification: TaskSpecification, _ configuration: HubConfiguration) -> Int64 {
        let milli = specification.resources.gpu.milli == 0 ? 1000 : specification.resources.gpu.milli
        let cap = specification.resources.priceCapMicros ?? Limits.priceCapMicros
        let amount =
            Int128(cap) * Int128(milli) * Int128(specification.gangSize) * Int128(specification.timeoutSeconds)
            * Int128(configuration.microsPerCredit[specification.currency] ?? 0)
        return up(amount, 1000 * 3600 * 1_000_000)
    }

    /// Σ over members of price × thousandths × running time, rounded up; what exceeds the hold is not paid.
    static func cost(_ task: TaskRecord, _ configuration: HubConfiguration) -> Int64 {
        var amount: Int128 = 0
        for lease in task.leases {
            amount +=
                Int128(lease.pricePerHourMicros) * Int128(lease.billableMilli) * Int128(lease.ranMilliseconds ?? 0)
        }
        return up(
            amount * Int128(configuration.microsPerCredit[task.specification.currency] ?? 0),
            1000 * 3_600_000 * 1_000_000)
    }

    private static func up(_ amount: Int128, _ divisor: Int128) -> Int64 {
        Int64(clamping: (amount + divisor - 1) / divisor)
    }
}
