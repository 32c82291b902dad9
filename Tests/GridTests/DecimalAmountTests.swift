import Grid
import Testing

@Suite("Amounts as people write them")
struct DecimalAmountTests {
    @Test(
        "What is read",
        arguments: [
            ("0", 0), ("100", 100_000_000), ("100.00", 100_000_000), ("0.25", 250_000), ("0.000001", 1),
            ("-3.000001", -3_000_001), ("007", 7_000_000), ("1.0000000000", 1_000_000),
            ("9223372036854.775807", Int64.max),
        ] as [(String, Int64)])
    func read(_ text: String, _ micros: Int64) { #expect(DecimalAmount.micros(text) == micros) }

    @Test(
        "What is no amount",
        arguments: [
            "", "-", ".", "1.", ".5", "+1", "--1", "1e3", "1,5", "1.2.3", " 1", "1 ", "0x10", "0.0000001", "NaN", "١",
            "9223372036854.775808", "99999999999999999999", "1.-5",
        ])
    func refused(_ text: String) { #expect(DecimalAmount.micros(text) == nil) }

    @Test("What is written", arguments: [(0, "0.00"), (1, "0.000001"), (1_500_000, "1.50"), (-25, "-0.000025")])
    func written(_ micros: Int64, _ text: String) { #expect(DecimalAmount.text(micros) == text) }

    @Test("What is written is read as the same")
    func roundTrips() {
        // Knuth's MMIX generator: the same amounts every time.
        var state: UInt64 = 42
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Small ones as well as large ones.
            let micros = max(Int64(bitPattern: state), -Int64.max) >> Int64(state & 63)
            #expect(DecimalAmount.micros(DecimalAmount.text(micros)) == micros)
        }
    }
}
