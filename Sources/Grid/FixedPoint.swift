/// Exponentials and logarithms in integers, so that a decision has the same bits on every processor.
///
/// Values are Q16.16: the real number times 65,536. Both functions interpolate linearly in a table of 64
/// steps an octave; the error is below 2⁻¹² relative for `exp2` and 2⁻¹³ absolute for `log2`.
public enum FixedPoint {
    public static let one: Int64 = 1 << 16

    /// 2^(i/64) × 2³⁰ for i in 0…64, by repeated exact integer square roots at first use.
    private static let exp2Table: [Int64] = {
        // 2^(1/64) × 2^60 by six integer square roots of 2 × 2^120 would overflow; halve in 2^30 steps instead.
        var table = [Int64](repeating: 0, count: 65)
        for index in 0...64 {
            var result: UInt64 = 1 << 62
            // result × 2^(-bits) for each set bit of (64 − index), using roots of one half.
            var root: UInt64 = 1 << 62
            var bit = 32
            var remaining = 64 - index
            if remaining == 64 {
                table[index] = 1 << 30
                continue
            }
            root = halfPowerRoots[0]
            var level = 0
            while bit >= 1 {
                if remaining >= bit {
                    result = result.multipliedFullWidth(by: root).high << 2
                    remaining -= bit
                }
                bit /= 2
                level += 1
                if level < halfPowerRoots.count { root = halfPowerRoots[level] }
            }
            table[index] = Int64(result >> 31)
        }
        return table
    }()

    /// (1/2)^(1/2), (1/2)^(1/4), … (1/2)^(1/64), times 2⁶², each the integer square root of the one before.
    private static let halfPowerRoots: [UInt64] = {
        var roots: [UInt64] = []
        var value: UInt64 = 1 << 61
        for _ in 0..<6 {
            value = squareRoot(scaledBy62: value)
            roots.append(value)
        }
        return roots
    }()

    /// The integer square root of `value` × 2⁶², bit by bit.
    private static func squareRoot(scaledBy62 value: UInt64) -> UInt64 {
        var root: UInt64 = 0
        var bit: UInt64 = 1 << 62
        let wide = value.multipliedFullWidth(by: 1 << 62)
        while bit != 0 {
            let candidate = root | bit
            let square = candidate.multipliedFullWidth(by: candidate)
            if square.high < wide.high || (square.high == wide.high && square.low <= wide.low) { root = candidate }
            bit >>= 1
        }
        return root
    }

    /// 2^x for x in Q16.16; saturates at `Int64.max` above 2⁴⁶ and is 0 below 2⁻¹⁷.
    public static func exp2(_ x: Int64) -> Int64 {
        let whole = x >> 16
        if whole >= 46 { return .max }
        if whole < -17 { return 0 }
        let fraction = x & 0xFFFF
        let step = Int(fraction >> 10)
        let within = fraction & 0x3FF
        let low = exp2Table[step]
        let value = low + ((exp2Table[step + 1] - low) * within) >> 10
        let shift = whole - 14
        return shift >= 0 ? value << shift : value >> -shift
    }

    /// log2(x) in Q16.16 for x in Q16.16; x must be positive.
    public static func log2(_ x: Int64) -> Int64 {
        precondition(x > 0, "log2 of a value that is not positive")
        let topBit = 63 - x.leadingZeroBitCount
        let mantissa = topBit >= 30 ? x >> (topBit - 30) : x << (30 - topBit)
        var low = 0
        var high = 64
        while high - low > 1 {
            let middle = (low + high) / 2
            if exp2Table[middle] <= mantissa { low = middle } else { high = middle }
        }
        let base = exp2Table[low]
        let within = ((mantissa - base) << 10) / (exp2Table[low + 1] - base)
        return Int64(topBit - 16) << 16 + Int64(low) << 10 + within
    }
}
