import Service
import Testing

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("1s", 1_000_000_000), ("250ms", 250_000_000), ("15m", 900_000_000_000), ("1h", 3_600_000_000_000),
            ("7d", 604_800_000_000_000), ("10us", 10_000), ("5ns", 5), ("0s", 0), ("1h30m", 5_400_000_000_000),
            ("1m1s1ms", 61_001_000_000), ("007s", 7_000_000_000), ("18446744073709551615ns", UInt64.max),
        ] as [(String, UInt64)])
    func lengths(_ text: String, _ nanoseconds: UInt64) {
        #expect(DurationText.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: [
        "", "1", "s", "1 s", " 1s", "1s ", "-1s", "+1s", "1.5s", "1S", "1min", "1x", "30m1h", "1s1s", "1e3s", "٣s",
        "1s,",
        "18446744073709551616ns", "584942417356y", "999999999d", "18446744073s1000000000ns",
    ])
    func whatIsNoLength(_ text: String) {
        #expect(DurationText.nanoseconds(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ns"), (1_500_000_000, "1500ms"), (5_400_000_000_000, "90m"), (86_400_000_000_000, "1d"),
            (UInt64.max, "18446744073709551615ns"),
        ] as [(UInt64, String)])
    func textsReadBack(_ nanoseconds: UInt64, _ text: String) {
        #expect(DurationText.text(nanoseconds: nanoseconds) == text)
        #expect(DurationText.nanoseconds(text) == nanoseconds)
    }
}
