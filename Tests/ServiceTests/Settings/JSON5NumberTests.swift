import Testing

@testable import Service

@Suite struct JSON5NumberTests {
    @Test(arguments: [
        "0", "7", "-1", "+1", "1.", "1.5", ".5", "-.5e3", "1e9", "1E+9", "1.5e-10", "0x1F", "-0Xabc", "Infinity",
        "-Infinity", "NaN", "9223372036854775808", String(repeating: "9", count: 90), "0.0", "0e0",
    ])
    func numbers(word: String) throws {
        #expect(JSON5Number.isValid(word))
        let file = try SettingsFile(path: "x", bytes: Array("{a: \(word)}".utf8))
        #expect(file.keys.count == 1)
    }

    /// Some of these the decoder takes, on some it traps.
    @Test(arguments: [
        "", "+", "-", ".", "1.E+", "19223372036854775808.E+", "1e", "1e+", "e5", ".e5", "0x", "0xg", "--1", "1-",
        "1.2.3",
        "012", "00", "1_000", "1\u{301}", "٣", "Infinit", "nan", "- 1",
    ])
    func others(word: String) {
        #expect(!JSON5Number.isValid(word))
        #expect(throws: SettingsError.self) { try SettingsFile(path: "x", bytes: Array("{a: \(word)}".utf8)) }
    }
}
