internal import Grid

/// The Hub's only source of numbers that look random: SplitMix64 (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", OOPSLA 2014) from the seed that the caller drew. Never for secrets.
struct Entropy: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A log's epoch: 1 to 2⁵² − 1, so that every JSON reader keeps it exactly.
    mutating func nextEpoch() -> UInt64 { Self.epoch(next()) }

    /// A log's epoch from a number that is drawn evenly.
    static func epoch(_ drawn: UInt64) -> UInt64 { max(1, drawn >> 12) }

    /// A version-4 identifier.
    mutating func nextUUID() -> UUID128 {
        let high = next()
        return UUID128(randomHigh: high, randomLow: next())
    }

    /// An even draw below a bound that is more than 0; the high half of a full product, so nearly no bias.
    mutating func next(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "a draw has something to choose from")
        return next().multipliedFullWidth(by: bound).high
    }
}
