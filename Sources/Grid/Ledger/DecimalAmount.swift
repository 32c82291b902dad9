/// Amounts of money as people write them, exactly: up to six decimals, never through a fraction of another base.
public enum DecimalAmount {
    /// Digits behind the point that micro-units have.
    public static let decimals = 6

    /// The micro-units that a text such as `100`, `0.25` or `-3.000001` means.
    ///
    /// - Returns: `nil` for another form (signs other than `-`, exponents, separators, a missing digit on either side
    ///   of the point), for a seventh decimal that is not 0, and for what 64 bits cannot hold.
    public static func micros(_ text: some StringProtocol) -> Int64? {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty else { return nil }
        let fraction = parts.count == 2 ? parts[1] : []
        if parts.count == 2, fraction.isEmpty { return nil }
        guard fraction.dropFirst(decimals).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        let places = Array(fraction.prefix(decimals))
        let zeros = Array(repeating: UInt8(ascii: "0"), count: decimals - places.count)
        var magnitude: Int64 = 0
        for byte in Array(whole) + places + zeros {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tens, first) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.addingReportingOverflow(Int64(byte - 0x30))
            guard !first, !second else { return nil }
            magnitude = sum
        }
        return isNegative ? -magnitude : magnitude
    }

    /// The shortest text with two decimals at least that ``micros(_:)`` reads back: `100.00`, `0.000278`.
    public static func text(_ micros: Int64) -> String {
        let magnitude = micros.magnitude
        var fraction = "\(magnitude % 1_000_000)"
        fraction = String(repeating: "0", count: decimals - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(micros < 0 ? "-" : "")\(magnitude / 1_000_000).\(fraction)"
    }
}
