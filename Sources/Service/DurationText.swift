/// Lengths of time as operators write them: `250ms`, `1s`, `15m`, `1h`, `7d`, or several such terms as in `1h30m`.
public enum DurationText {
    /// The units, the longest first, with their nanoseconds.
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]

    /// The nanoseconds that `text` means; `nil` if it is not whole numbers, each with a unit, from long to short.
    ///
    /// A bare number is refused: nobody can tell whether seconds or milliseconds were meant. So is what needs more
    /// than 64 bits (584 years).
    public static func nanoseconds(_ text: String) -> UInt64? {
        var rest = Substring(text)
        var total: UInt64 = 0
        var allowed = units[...]
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let amount = UInt64(digits), let place = allowed.firstIndex(where: { $0.name == name }) else {
                return nil
            }
            let (term, tooLong) = amount.multipliedReportingOverflow(by: units[place].nanoseconds)
            let (sum, overflow) = total.addingReportingOverflow(term)
            guard !tooLong, !overflow else { return nil }
            total = sum
            allowed = units[(place + 1)...]
        } while !rest.isEmpty
        return total
    }

    /// The shortest text in one unit that ``nanoseconds(_:)`` reads back as the same length: `90m`, not `1h30m`.
    public static func text(nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "0s" }
        for unit in units where nanoseconds.isMultiple(of: unit.nanoseconds) {
            return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
        }
        return "\(nanoseconds)ns"
    }
}
