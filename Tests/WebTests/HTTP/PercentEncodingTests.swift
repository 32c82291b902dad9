import Testing

@testable import Web

@Suite("Percent-encoding")
struct PercentEncodingTests {
    @Test(
        "escapes are undone once",
        arguments: [
            ("", ""), ("abc", "abc"), ("%41%62", "Ab"), ("a%20b", "a b"), ("%2F%2f", "//"), ("%252e", "%2e"),
            ("%E2%82%AC", "€"), ("%e2%82%ac", "€"), ("a+b", "a+b"), ("%F0%9F%98%80", "😀"),
        ])
    func decodes(text: String, expected: String) { #expect(PercentEncoding.decode(text) == expected) }

    @Test("a plus sign is a blank in queries only")
    func plus() {
        #expect(PercentEncoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
        #expect(PercentEncoding.decode("a+b%2B") == "a+b+")
    }

    @Test(
        "bad escapes, controls and bytes that are no UTF-8 decode to nothing",
        arguments: [
            "%", "%4", "%zz", "%4g", "a%", "%%41", "%00", "a%00b", "%0a", "%0D", "%1f", "%7f", "%ff", "%c3", "%c0%af",
            "%ed%a0%80", "%f4%90%80%80", "%u0041", "\u{1}", "%-1", "%+1",
        ])
    func rejects(text: Quoted) { #expect(PercentEncoding.decode(text.text) == nil) }
}
