import Bytes
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return writer.buffer.text
    }

    @Test func commasStandBetweenAndNowhereElse() {
        let text = written { writer in
            writer.beginObject()
            writer.key("empty")
            writer.beginArray()
            writer.endArray()
            writer.key("list")
            writer.beginArray()
            writer.int(1)
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.null()
            writer.bool(true)
            writer.endArray()
            writer.string("x")
            writer.endArray()
            writer.key(String("dyn\"amic"))
            writer.raw("[1,2]")
            writer.key("last")
            Array("{}".utf8).withUnsafeBytes { writer.raw(bytes: $0) }
            writer.endObject()
        }
        #expect(text == #"{"empty":[],"list":[1,{},[null,true],"x"],"dyn\"amic":[1,2],"last":{}}"#)
    }

    @Test func fieldsOfEveryKind() {
        let text = written { writer in
            writer.beginObject()
            writer.field("s", "text")
            writer.field("ns", String?.none)
            writer.field("lit", static: "plain")
            writer.field("i", Int64(-5))
            writer.field("u", UInt64.max)
            writer.field("ni", Int64?.none)
            writer.field("d", 1.25)
            writer.field("dd", 1.256, decimals: 2)
            writer.field("nd", Double?.none)
            writer.field("f", fixed: 1250, decimals: 3)
            writer.field("nf", fixed: nil, decimals: 3)
            writer.field("b", false)
            writer.field("nb", Bool?.none)
            writer.endObject()
        }
        let expected =
            #"{"s":"text","ns":null,"lit":"plain","i":-5,"u":18446744073709551615,"ni":null,"d":1.25,"dd":1.26,"#
            + #""nd":null,"f":1.25,"nf":null,"b":false,"nb":null}"#
        #expect(text == expected)
    }

    @Test func integersOfEveryWidth() {
        #expect(written { $0.int(UInt8(255)) } == "255")
        #expect(written { $0.int(Int32.min) } == "-2147483648")
        #expect(written { $0.int(Int128.min) } == "\(Int128.min)")
    }

    @Test(
        arguments: [
            (1.0, 2, "1"), (1.5, 0, "2"), (-1.5, 0, "-2"), (0.1 + 0.2, 3, "0.3"), (100, 2, "100"),
            (100.05, 2, "100.05"),
            (0.001, 2, "0"), (-0.001, 2, "0"), (0.005, 2, "0.01"), (1.005, 2, "1"), (0.285, 2, "0.28"),
            (2.675, 2, "2.67"),
            (23.45678, 3, "23.457"), (-0.5, 1, "-0.5"), (1e15, 3, "1000000000000000"), (1e16, 3, "1e+16"),
            (123456789012345.67, 3, "123456789012345.67"), (0.0625, 4, "0.0625"),
            (1234.5, 18, "1234.5"),
            (0.07, 5, "0.07"), (10.01, 2, "10.01"), (0.5, 0, "1"), (2.5, 0, "3"),
        ] as [(Double, Int, String)])
    func fixedDecimals(_ value: Double, _ decimals: Int, _ expected: String) {
        #expect(written { $0.double(value, decimals: decimals) } == expected)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0.0"), (1, "1"), (-17, "-17"), (0.1, "0.1"), (1e16, "1e+16"),
            (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (9007199254740991, "9007199254740991"),
            (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        ] as [(Double, String)])
    func shortestDoubles(_ value: Double, _ expected: String) {
        #expect(written { $0.double(value) } == expected)
        #expect(fault(in: expected) == nil)
    }

    @Test func notANumberIsNullWithDecimalsToo() {
        #expect(written { $0.double(.nan, decimals: 2) } == "null")
    }

    @Test func roundingIsRightInTheLastPlace() throws {
        // Against exact arithmetic on the decimal expansion: value × 10^3 + 1/2 compared in 128-bit integers.
        var random = SeededRandom(seed: 9)
        for _ in 0..<20_000 {
            let value = Double.random(in: 0..<4096, using: &random)
            let scaled = Int128(value * 0x1p52) * 1000
            // Values below 2^12 are multiples of 2^-52 only where they have few enough bits; check what is exact.
            guard Double(Int128(value * 0x1p52)) == value * 0x1p52 else { continue }
            let rounded = (scaled + (1 << 51)) >> 52
            let expected = written { $0.fixed(Int64(rounded), decimals: 3) }
            #expect(written { $0.double(value, decimals: 3) } == expected)
        }
    }

    @Test(
        arguments: [
            (0, 3, "0"), (5, 0, "5"), (5, 3, "0.005"), (-5, 3, "-0.005"), (1000, 3, "1"), (1050, 3, "1.05"),
            (Int64.min, 18, "-9.223372036854775808"), (Int64.max, 0, "9223372036854775807"),
        ] as [(Int64, Int, String)])
    func fixedPoint(_ value: Int64, _ decimals: Int, _ expected: String) {
        #expect(written { $0.fixed(value, decimals: decimals) } == expected)
    }

    @Test func stringsAreEscapedWhereTheyMustBe() {
        let plain = "plain text, long enough for more than one step: é€𝄞\u{7F}/"
        #expect(written { $0.string(plain) } == "\"\(plain)\"")
        #expect(
            written { $0.string("a\"b\\c\u{8}\u{9}\n\u{C}\r\u{0}\u{1F}") } == #""a\"b\\c\b\t\n\f\r\u0000\u001f""#)
        #expect(written { $0.string("") } == "\"\"")
        #expect(written { $0.string(static: "a\tb") } == "\"a\\tb\"")
    }

    @Test func everyEscapeAtEveryPlaceOfAWord() throws {
        for character in ["\"", "\\", "\n", "\u{1}", "é", "€", "𝄞"] {
            for before in 0..<18 {
                for after in [0, 1, 7, 8, 9] {
                    let text = String(repeating: "x", count: before) + character + String(repeating: "y", count: after)
                    let json = written { $0.string(text) }
                    #expect(try reading(json) { try $0.readString() } == text)
                }
            }
        }
    }

    @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() {
        let bytes: [UInt8] = [0x61, 0xFF, 0x62, 0xE2, 0x82]
        let text = bytes.withUnsafeBytes { bytes in written { $0.string(utf8: bytes) } }
        #expect(text == "\"a\u{FFFD}b\u{FFFD}\u{FFFD}\"")
    }

    @Test func aReadTextIsWrittenBackUnchanged() throws {
        let json = #""a\u0041\n é""#
        #expect(
            try reading(json) { reader in
                let text = try reader.readText()
                return written { $0.string(text) }
            } == json)
    }

    @Test func theBufferMayBeGivenAndTaken() {
        var writer = JSONWriter(ByteBuffer(Array(">".utf8)))
        writer.beginArray()
        writer.int(1)
        writer.buffer.removeAll(keepingCapacity: true)
        writer.int(2)
        #expect(writer.buffer.text == ",2")
        writer.removeAll()
        writer.int(3)
        #expect(writer.buffer.text == "3")
    }
}
