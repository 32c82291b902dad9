internal import Grid

/// What places cost: price, hazard and growth of fragmentation in one currency, integer micro-credits an hour.
///
///     price         = P · g
///     hazard        = price · ½ · h · T · members
///     fragmentation = P̄ · 0.1 · ⌊ΔF / 100⌋
///
/// P is the node's price of a GPU hour and P̄ the grid's mean, g the member's GPUs, T the predicted time, ΔF the
/// growth of fragmentation in milli-GPU (``FragmentationTable``). A failure costs the gang half its run on average,
/// and h · T is how likely the node brings it. Why ΔF is floored: below a tenth of a GPU it is noise, and the fixed
/// order of nodes packs better than noise does (docs/decisions/0009-placement.md).
struct CostModel: Sendable {
    var table = FragmentationTable()
    /// Rises whenever all costs change; indexes of another generation are stale.
    private(set) var generation: UInt64 = 1
    /// The mean price of a GPU hour, at least ``leastMeanPrice``.
    private(set) var meanPrice = Self.leastMeanPrice

    /// Fragmentation has its price in a grid where everything is free, too.
    static let leastMeanPrice: Int64 = 10_000
    /// Fragmentation grows in steps of so much milli-GPU · 2⁻¹⁶.
    static let fragmentationStep: Int64 = 100 << 16
    /// Failures of a healthy node in a second, times 2⁴⁰: one in 47.7 days.
    static let baseHazard: Int64 = (1 << 40) * 10 / (477 * 86_400)

    mutating func measure(by table: FragmentationTable) {
        self.table = table
        generation += 1
    }

    /// Takes note of what the grid's GPUs cost together in an hour.
    mutating func price(total: Int64, gpus: Int64) {
        let mean = max(gpus > 0 ? total / gpus : 0, Self.leastMeanPrice)
        guard mean != meanPrice else { return }
        meanPrice = mean
        generation += 1
    }

    /// Failures a second at that health, times 2⁴⁰: ten points double it.
    static func hazard(health: Int?) -> Int64 {
        let lost = Int64(100 - (health ?? NodeCapacity.unknownHealth))
        return (baseHazard * FixedPoint.exp2((lost << 16) / 10)) >> 16
    }

    /// The cost of one step of fragmentation.
    var stepCost: Int64 { meanPrice / 10 }

    /// The seconds that a failure of one member's node would put at risk, of all members together.
    static func exposure(_ shape: Shape) -> Int64 { shape.seconds * Int64(shape.gangSize) }

    /// How many times its price a member adds for the node's hazard, times 2¹⁶.
    static func hazardFactor(exposure: Int64, hazard: Int64) -> Int64 {
        // At most 2²⁸ · 2²² · 2¹⁰. The shift brings 2⁴⁰ to 2¹⁶, and halves: half the run is lost on average.
        min((hazard * exposure) >> 25, Limits.hazardFactor << 16)
    }

    /// So many times a price; the factor is times 2¹⁶.
    static func hazardCost(price: Int64, factor: Int64) -> Int64 {
        let product = price.multipliedFullWidth(by: factor)
        return product.high << 48 | Int64(bitPattern: UInt64(product.low >> 16))
    }
}
