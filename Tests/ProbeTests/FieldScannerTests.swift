import Testing

@testable import Probe

@Suite struct FieldScannerTests {
    private func scan<Value>(_ text: String, _ body: (inout FieldScanner) -> Value) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = FieldScanner(UnsafeRawBufferPointer(bytes))
            return body(&scanner)
        }
    }

    @Test func numbersFollowBlanks() {
        let numbers = scan("  12\t0 18446744073709551615 x") { scanner in
            [scanner.unsigned(), scanner.unsigned(), scanner.unsigned(), scanner.unsigned()]
        }
        #expect(numbers == [12, 0, .max, nil])
    }

    @Test func numbersBeyond64BitsAreNone() {
        #expect(scan("18446744073709551616") { $0.unsigned() } == nil)
        #expect(scan("99999999999999999999999") { $0.unsigned() } == nil)
    }

    @Test func negativeNumbersAreNone() { #expect(scan("-1") { $0.unsigned() } == nil) }

    @Test func decimalsHaveOptionalFractions() {
        #expect(scan("0.15") { $0.decimal() } == 0.15)
        #expect(scan("12.050") { $0.decimal() } == 12.05)
        #expect(scan("7 ") { $0.decimal() } == 7)
        #expect(scan("7.x") { $0.decimal() } == 7)
        #expect(scan(".5") { $0.decimal() } == nil)
    }

    @Test func wordsEndAtBlanksLinesAndStops() {
        let words = scan("eth0:12 next\nother") { scanner in
            [
                String(decoding: scanner.word(stoppingAt: 0x3A), as: UTF8.self),
                String(decoding: scanner.word(), as: UTF8.self), String(decoding: scanner.word(), as: UTF8.self),
                String(decoding: scanner.word(), as: UTF8.self),
            ]
        }
        #expect(words == ["eth0", ":12", "next", ""])
    }

    @Test func linesEndWithTheFile() {
        let steps = scan("a\nb\n") { scanner in [scanner.nextLine(), scanner.nextLine(), scanner.nextLine()] }
        #expect(steps == [true, false, false])
        #expect(scan("") { $0.nextLine() } == false)
        #expect(scan("a\nb") { [$0.nextLine(), $0.skip("b")] } == [true, true])
    }

    @Test func skipConsumesOnlyAMatch() {
        let steps = scan("MemTotal: 5") { scanner in
            [scanner.skip("MemFree:"), scanner.skip("MemTotal:"), scanner.unsigned() == 5, scanner.skip("x")]
        }
        #expect(steps == [false, true, true, false])
    }

    @Test func restOfLineHasNoBlanksAround() {
        #expect(scan("  AMD EPYC \t\nnext") { $0.restOfLine() } == "AMD EPYC")
        #expect(scan("\n") { $0.restOfLine() } == "")
    }
}
