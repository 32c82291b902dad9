/// A JSON number as it is written: ± significand × 10^exponent.
@usableFromInline
struct JSONDecimal {
    @usableFromInline var isNegative = false
    /// The digits so far, up to nineteen or twenty; meaningless where ``isCut``.
    private(set) var significand: UInt64 = 0
    /// The power of ten as written; each dropped digit adds one to it.
    var exponent = 0
    /// Digits read behind a full significand.
    private var dropped = 0
    /// The first of the dropped digits.
    private var firstDropped: UInt8 = 0
    /// Whether one of the dropped digits was not zero.
    private var isCut = false

    init() {}

    /// Takes the next digit, 0 to 9.
    @inline(__always)
    mutating func append(_ digit: UInt8) {
        if significand < 1_000_000_000_000_000_000 {
            significand = significand &* 10 &+ UInt64(digit)
        } else {
            appendSlowly(digit)
        }
    }

    /// Takes a digit behind the nineteenth.
    private mutating func appendSlowly(_ digit: UInt8) {
        if dropped == 0, digit != 0 {
            let (tens, first) = significand.multipliedReportingOverflow(by: 10)
            let (value, second) = tens.addingReportingOverflow(UInt64(digit))
            if !first, !second {
                significand = value
                return
            }
        }
        if dropped == 0 { firstDropped = digit }
        if digit != 0 { isCut = true }
        dropped &+= 1
    }

    /// The magnitude as an integer; `nil` where it has a fraction or does not fit.
    @usableFromInline
    var integer: UInt64? {
        if significand == 0 { return 0 }
        let power = exponent &+ dropped
        guard !isCut, power > -20, power < 20 else { return nil }
        if power >= 0 {
            let (value, overflow) = significand.multipliedReportingOverflow(by: Self.powerOfTen(power))
            return overflow ? nil : value
        }
        let (value, rest) = significand.quotientAndRemainder(dividingBy: Self.powerOfTen(0 &- power))
        return rest == 0 ? value : nil
    }

    /// The magnitude times 10^`decimals`, rounded half up; `nil` where it does not fit.
    func scaled(_ decimals: Int) -> UInt64? {
        if significand == 0 { return 0 }
        let power = exponent &+ dropped &+ decimals
        if power > 0 {
            guard !isCut, power < 20 else { return nil }
            let (value, overflow) = significand.multipliedReportingOverflow(by: Self.powerOfTen(power))
            return overflow ? nil : value
        }
        if power == 0 {
            let (value, overflow) = significand.addingReportingOverflow(firstDropped >= 5 ? 1 : 0)
            return overflow ? nil : value
        }
        // Even the largest significand is below a half then.
        guard power >= -19 else { return 0 }
        // The half is a whole number, so that dropped digits cannot lift what is below it to it.
        let divisor = Self.powerOfTen(0 &- power)
        let (quotient, rest) = significand.quotientAndRemainder(dividingBy: divisor)
        return quotient &+ (rest >= divisor / 2 ? 1 : 0)
    }

    /// The nearest double where it can be had exactly from machine words; `nil` where it takes more.
    var double: Double? {
        guard !isCut else { return nil }
        let power = exponent &+ dropped
        let magnitude: Double
        if significand == 0 {
            magnitude = 0
        } else if power == 0 {
            magnitude = Double(significand)
        } else if significand <= 1 &<< 53, power >= -22, power <= 22 {
            // Both operands are exact, so that the one rounding of the one operation is right (Clinger 1990).
            magnitude =
                power < 0
                ? Double(significand) / Self.exactPowers[0 &- power] : Double(significand) * Self.exactPowers[power]
        } else if power >= -19, power < 0 {
            magnitude = Self.quotient(significand, Self.powerOfTen(0 &- power))
        } else if power > 0, power <= 19 {
            magnitude = Self.product(significand, Self.powerOfTen(power))
        } else {
            return nil
        }
        return isNegative ? -magnitude : magnitude
    }

    /// dividend ÷ divisor, both positive, rounded once: a 64-bit quotient and whether a remainder is left.
    private static func quotient(_ dividend: UInt64, _ divisor: UInt64) -> Double {
        let dividendShift = dividend.leadingZeroBitCount
        let divisorShift = divisor.leadingZeroBitCount
        let numerator = dividend &<< UInt64(dividendShift)
        let denominator = divisor &<< UInt64(divisorShift)
        var power = divisorShift &- dividendShift &- 64
        let words: (high: UInt64, low: UInt64)
        if numerator >= denominator {
            words = (numerator &>> 1, numerator &<< 63)
            power &+= 1
        } else {
            words = (numerator, 0)
        }
        let (quotient, remainder) = denominator.dividingFullWidth((words.high, words.low))
        return round(quotient, isInexact: remainder != 0, power: power)
    }

    /// left × right, both positive, rounded once from the exact 128-bit product.
    private static func product(_ left: UInt64, _ right: UInt64) -> Double {
        let (high, low) = left.multipliedFullWidth(by: right)
        if high == 0 { return Double(low) }
        let shift = UInt64(high.leadingZeroBitCount)
        let top = shift == 0 ? high : high &<< shift | low &>> (64 &- shift)
        return round(top, isInexact: low &<< shift != 0, power: 64 &- Int(shift))
    }

    /// `bits` × 2^`power`, `bits` having its top bit set, to the nearest double, ties to even.
    ///
    /// `isInexact` says that the true value lies a little above. No result here is subnormal or overflows.
    private static func round(_ bits: UInt64, isInexact: Bool, power: Int) -> Double {
        let rest = bits & 0x7FF
        var kept = bits &>> 11
        if rest > 0x400 || (rest == 0x400 && (isInexact || kept & 1 == 1)) { kept &+= 1 }
        // The top bit of `kept` is implied by the format; a carry out of the fraction raises the exponent by itself.
        let biased = UInt64(bitPattern: Int64(power &+ 11 &+ 52 &+ 1023))
        return Double(bitPattern: biased &<< 52 &+ (kept &- 1 &<< 52))
    }

    /// 10^`power` for 0 to 19.
    static func powerOfTen(_ power: Int) -> UInt64 { integerPowers[power] }

    private static let integerPowers: [UInt64] = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// 10^0 to 10^22, all of them exact doubles.
    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
