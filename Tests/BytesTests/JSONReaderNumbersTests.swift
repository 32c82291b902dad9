import Bytes
import Testing

@Suite struct JSONReaderNumbersTests {
    private func double(_ text: String) throws -> Double {
        try reading(text) { reader in
            let value = try reader.readDouble()
            try reader.finish()
            return value
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("1.0", 1), ("1e3", 1000), ("1.5e1", 15), ("1500e-2", 15),
            ("-2.50E+2", -250), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("922337203685477580.7e1", Int64.max), ("123456789012345678", 123_456_789_012_345_678), ("0.000e99", 0),
            ("1.000000000000000000000000000000000", 1), ("10000000000000000000000e-22", 1),
            ("0e-99999999999999999999", 0),
            ("1e18", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func integers(_ text: String, _ value: Int64) throws {
        #expect(try reading(text) { try $0.readInt64() } == value)
        #expect(
            try reading("[\(text)]") { reader in
                try reader.beginArray()
                _ = try reader.nextElement()
                return try reader.readInt64()
            } == value)
    }

    @Test(arguments: [
        "0.5", "1.0000000000000000000000001", "9223372036854775808", "-9223372036854775809", "1e19", "1e-1",
        "99999999999999999999", "1e999999999999999999999", "10000000000000000000000e-23", "123456789012345678901e-25",
    ])
    func whatIsNoInt64(_ text: String) {
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try reading(text) { try $0.readInt64() } }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("18446744073709551615", UInt64.max),
            ("1844674407370955161500e-2", UInt64.max),
            ("9223372036854775808", 1 << 63), ("1e19", 10_000_000_000_000_000_000),
        ] as [(String, UInt64)])
    func unsignedIntegers(_ text: String, _ value: UInt64) throws {
        #expect(try reading(text) { try $0.readUInt64() } == value)
    }

    @Test(arguments: ["-1", "18446744073709551616", "1e20", "0.1", "-1e0"])
    func whatIsNoUInt64(_ text: String) {
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try reading(text) { try $0.readUInt64() } }
    }

    @Test(arguments: [
        "0", "-0", "0.0", "-0.0", "1", "-1.5", "23.4", "301.25", "1e22", "1e23", "1e-22", "123456789012345678",
        "9007199254740993", "9007199254740992.5", "9007199254740993.0", "0.1", "0.30000000000000004",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400",
        "1.7976931348623157e308", "179769313486231570000000000000000000000", "8.988465674311579e307",
        "3.14159265358979323846264338327950288", "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126", "18446744073709551615", "18446744073709551616",
        "18446744073709551615e5", "1844674407370955161.5e-10", "7.2057594037927933e16", "5e-20", "12345678901234567e19",
        "99999999999999999999e-19", "1e19", "1000000000000000000000e1", "0.000000000000000000000000000001",
        "18446744073709551615e19", "17014118346046923173.2e19", "9999999999999999999e19",
    ])
    func doublesAreTheNearest(_ text: String) throws {
        let expected = try #require(Double(text))
        #expect(try double(text).bitPattern == expected.bitPattern, "\(text)")
    }

    @Test(arguments: ["1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999999999"])
    func doublesThatOverflowAreRefused(_ text: String) {
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try double(text) }
    }

    @Test func randomBitPatternsComeBackFromTheirShortestForm() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(try double("\(value)").bitPattern == value.bitPattern)
        }
    }

    @Test func randomDecimalsAgreeWithTheStandardLibrary() throws {
        var random = SeededRandom(seed: 8)
        for _ in 0..<30_000 {
            let digits = String(random.next() >> UInt64.random(in: 0..<60, using: &random))
            let point = Int.random(in: 1...digits.count, using: &random)
            var text = String(digits.prefix(point))
            if point < digits.count { text += "." + digits.dropFirst(point) }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -40...40, using: &random))" }
            let expected = try #require(Double(text))
            #expect(try double(text).bitPattern == expected.bitPattern, "\(text)")
        }
    }

    @Test func aMillionDigitsAreStillANumber() throws {
        let digits = "0." + String(repeating: "0", count: 300) + String(repeating: "3", count: 1_000_000)
        #expect(try double(digits) == Double("3.3333333333333333333333e-301"))
    }

    @Test(
        arguments: [
            ("1.25", 3, 1250), ("-1.25", 1, -13), ("0.05", 1, 1), ("0.049", 1, 0), ("1e3", 2, 100_000), ("0", 18, 0),
            ("9223372036854775807", 0, Int64.max), ("0.5", 0, 1), ("-0.5", 0, -1), ("1e-30", 3, 0), ("4e-20", 0, 0),
            ("5e-1", 0, 1), ("49999999999999999999e-20", 0, 0), ("123.456789", 3, 123_457),
            ("18446744073709551615e-20", 0, 0), ("9999999999999999999e-20", 0, 0), ("9999999999999999999e-19", 0, 1),
            ("3.14159265358979323846264338327950288", 3, 3142),
            ("1900000000000000000.5", 0, 1_900_000_000_000_000_001),
            ("1900000000000000000.49", 0, 1_900_000_000_000_000_000),
        ] as [(String, Int, Int64)])
    func fixedPoint(_ text: String, _ decimals: Int, _ value: Int64) throws {
        #expect(try reading(text) { try $0.readFixed(decimals: decimals) } == value)
    }

    @Test(arguments: ["10", "-10", "100", "9.2233720368547758075", "18.446744073709551616", "18446744073709551615"])
    func whatIsTooLargeWithEighteenDecimals(_ text: String) {
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try reading(text) { try $0.readFixed(decimals: 18) } }
    }

    @Test(arguments: ["9223372036854775807", "1e30", "1e16"])
    func fixedPointOutOfRange(_ text: String) {
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try reading(text) { try $0.readFixed(decimals: 3) } }
    }
}
