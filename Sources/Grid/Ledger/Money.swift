/// A unit of account, by its code: 1 to 8 of `A`–`Z` and digits, a letter first.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var code: String
    /// `nil` for a code of another form.
    public init?(_ code: String) {
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...8).contains(code.utf8.count), letters.contains(code.utf8.first!),
            code.utf8.allSatisfy({ letters.contains($0) || digits.contains($0) })
        else { return nil }
        self.code = code
    }
    private init(known code: String) { self.code = code }
    public var description: String { code }
    public static func < (left: Currency, right: Currency) -> Bool { left.code < right.code }
    /// The credits in which prices are.
    public static let usd = Currency(known: "USD")
    public static let neuro = Currency(known: "NEURO")
}

/// What a user has of one currency, in micro-units.
public struct Balance: Hashable, Sendable {
    public var currency: Currency
    /// Not negative.
    public var availableMicros: Int64
    /// Set aside for tasks; not negative.
    public var lockedMicros: Int64
    public var totalMicros: Int64 { availableMicros + lockedMicros }
    public init(currency: Currency, availableMicros: Int64, lockedMicros: Int64) {
        self.currency = currency
        self.availableMicros = availableMicros
        self.lockedMicros = lockedMicros
    }
}
