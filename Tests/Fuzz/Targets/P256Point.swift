/// Whether two coordinates are a point of P-256, by arithmetic of its own: y² = x³ − 3x + b modulo p.
enum P256Point {
    /// 256 bits, the least significant word first.
    private typealias Number = [UInt64]

    private static let p: Number = [0xFFFF_FFFF_FFFF_FFFF, 0x0000_0000_FFFF_FFFF, 0, 0xFFFF_FFFF_0000_0001]
    private static let b: Number = [
        0x3BCE_3C3E_27D2_604B, 0x651D_06B0_CC53_B0F6, 0xB3EB_BD55_7698_86BC, 0x5AC6_35D8_AA3A_93E7,
    ]

    /// Whether these big-endian coordinates, 32 bytes each, are reduced and satisfy the curve's equation.
    static func isOnCurve(x: [UInt8], y: [UInt8]) -> Bool {
        guard x.count == 32, y.count == 32 else { return false }
        let (x, y) = (number(x), number(y))
        guard isLess(x, p), isLess(y, p) else { return false }
        let cubed = product(product(x, x), x)
        let thrice = sum(sum(x, x), x)
        return product(y, y) == sum(sum(cubed, difference(p, thrice)), b)
    }

    private static func number(_ bytes: [UInt8]) -> Number {
        (0..<4).map { word in bytes[(24 - 8 * word)..<(32 - 8 * word)].reduce(0) { $0 << 8 | UInt64($1) } }
    }

    private static func isLess(_ left: Number, _ right: Number) -> Bool {
        left.reversed().lexicographicallyPrecedes(right.reversed())
    }

    /// Of two reduced numbers, or of p and one.
    private static func difference(_ left: Number, _ right: Number) -> Number {
        var (result, borrow) = (left, UInt64(0))
        for word in 0..<4 {
            let (first, one) = left[word].subtractingReportingOverflow(right[word])
            let (second, two) = first.subtractingReportingOverflow(borrow)
            result[word] = second
            borrow = one || two ? 1 : 0
        }
        return result == p ? [0, 0, 0, 0] : result
    }

    private static func sum(_ left: Number, _ right: Number) -> Number {
        var (result, carry) = (left, UInt64(0))
        for word in 0..<4 {
            let (first, one) = left[word].addingReportingOverflow(right[word])
            let (second, two) = first.addingReportingOverflow(carry)
            result[word] = second
            carry = one || two ? 1 : 0
        }
        // What was carried out of the highest word is taken back by the subtraction.
        return carry == 1 || !isLess(result, p) ? difference(result, p) : result
    }

    /// By doubling and adding, bit by bit.
    private static func product(_ left: Number, _ right: Number) -> Number {
        var result: Number = [0, 0, 0, 0]
        for bit in (0..<256).reversed() {
            result = sum(result, result)
            if right[bit / 64] >> UInt64(bit % 64) & 1 == 1 { result = sum(result, left) }
        }
        return result
    }
}
