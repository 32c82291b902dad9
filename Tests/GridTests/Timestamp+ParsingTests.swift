import Grid
import Testing

@Suite struct TimestampParsingTests {
    @Test func whatIsWrittenIsReadBack() {
        var milliseconds: Int64 = -62_167_219_200_000
        while milliseconds < 253_402_300_800_000 {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(iso8601: time.iso8601) == time)
            milliseconds += 86_400_000 * 97 + 12_345_678
        }
        #expect(Timestamp(iso8601: "2024-01-16T02:00:00Z") == Timestamp(milliseconds: 1_705_370_400_000))
    }

    @Test(arguments: [
        "", "2024", "2024-01-16", "2024-01-16T02:00:00", "2024-01-16T02:00:00+01:00", "2024-01-16 02:00:00Z",
        "2024-13-16T02:00:00Z", "2024-00-16T02:00:00Z", "2023-02-29T02:00:00Z", "2024-04-31T02:00:00Z",
        "2024-01-00T02:00:00Z", "2024-01-16T24:00:00Z", "2024-01-16T02:60:00Z", "2024-01-16T02:00:60Z",
        "2024-01-16T02:00:00.00Z", "2024-01-16T02:00:00.0000Z", "2024-01-16T02:00:00,000Z", "+024-01-16T02:00:00Z",
        "2024-01-16T02:00:00.000z", "2024-01-16T02:00:0\u{661}Z",
    ])
    func whatIsNoTimeIsNone(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }
}
