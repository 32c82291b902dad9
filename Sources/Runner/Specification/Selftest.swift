internal import Grid

/// The arguments of the agent's own runner, and its arithmetic.
public enum Selftest {
    /// The hidden subcommand under which the agent's executable does the work.
    public static let subcommand = "selftest"

    static let rules = [
        ArgumentRule("seconds", .integer(0...600), isRequired: false),
        ArgumentRule("steps", .integer(1...10_000), isRequired: false),
        ArgumentRule("seed", .integer(.min ... .max), isRequired: false),
        ArgumentRule("rounds", .integer(0...1_000_000_000_000), isRequired: false),
        ArgumentRule("fail", .integer(0...255), isRequired: false),
        ArgumentRule(
            "output", .text(maximumBytes: Limits.argumentTextBytes, .any, mayBeginWithHyphen: true), isRequired: false),
    ]

    static func words(_ values: ArgumentValues) -> [String] {
        ["neurogrid-agent", subcommand] + rules.compactMap { rule in values[rule.name].map { "--\(rule.name)=\($0)" } }
    }

    /// The chained mix by which a coordinator checks that a node really computes: each round adds the golden ratio's
    /// bits and mixes (SplitMix64), so that no round can be left out and none be done before the one before it.
    public static func mix(_ seed: UInt64, rounds: Int64) -> UInt64 {
        var value = seed
        for _ in 0..<max(0, rounds) {
            value &+= 0x9E37_79B9_7F4A_7C15
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            value ^= value >> 31
        }
        return value
    }
}
