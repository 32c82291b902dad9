import Testing

@testable import Service

@Suite struct PlainTextTests {
    @Test(arguments: [
        ("plain é 世界", "plain é 世界"), ("a\nb\r\tc", "a\\nb\\r\\tc"), ("\u{1B}[2J", "\\u001b[2J"),
        ("\u{9B}31m", "\\u009b31m"), ("\u{7F}\u{0}", "\\u007f\\u0000"), ("\u{202E}evil", "\\u202eevil"),
        ("a\u{2028}b", "a\\u2028b"), ("\u{200B}\u{FEFF}", "\\u200b\\ufeff"), ("\u{E0041}", "\\udb40\\udc41"),
        ("say \"hi\" \\", "say \"hi\" \\"),
    ])
    func whatSteersIsEscaped(_ text: String, _ expected: String) {
        #expect(PlainText.line(text) == expected)
    }

    @Test func cutsFallBetweenCharacters() {
        #expect(PlainText.line("ééé", limit: 4) == "éé…")
        #expect(PlainText.line("ééé", limit: 5) == "éé…")
        #expect(PlainText.line("ééé", limit: 6) == "ééé")
        #expect(PlainText.line("", limit: 0) == "")
    }

    @Test(arguments: [
        ("node-1", true), ("127.0.0.1:80", true), ("é", true), ("", false), ("a b", false), ("a=b", false),
        ("\"", false), ("\\", false), ("a\n", false), ("\u{202E}", false),
    ])
    func bareWordsNeedNoQuotes(_ text: String, _ isBare: Bool) {
        #expect(PlainText.isBare(text) == isBare)
    }
}
