import Testing

@testable import Grid

@Suite("Fixed point")
struct FixedPointTests {
    @Test("exp2 stays within its stated error of the real function")
    func exp2Accuracy() {
        for (x, expected) in [
            (0.0, 1.0), (1.0, 2.0), (-1.0, 0.5), (0.5, 1.414_213_562), (3.25, 9.513_656_92), (-4.7, 0.038_473_3),
        ] {
            let value = Double(FixedPoint.exp2(Int64(x * 65536))) / 65536
            #expect(abs(value - expected) <= max(expected / 4096, 1.0 / 65536), "2^\(x)")
        }
    }

    @Test("log2 inverts exp2 and knows its powers of two exactly")
    func log2Accuracy() {
        for power in -10...30 {
            #expect(FixedPoint.log2(power >= 0 ? 65536 << power : 65536 >> -power) == Int64(power) << 16)
        }
        #expect(abs(Double(FixedPoint.log2(65536 * 47)) / 65536 - 5.554_588_85) < 1.0 / 8192)
        #expect(abs(Double(FixedPoint.log2(65536 * 3)) / 65536 - 1.584_962_5) < 1.0 / 8192)
    }

    @Test("exp2 saturates instead of trapping")
    func exp2Bounds() {
        #expect(FixedPoint.exp2(60 << 16) == .max)
        #expect(FixedPoint.exp2(-60 << 16) == 0)
    }
}
