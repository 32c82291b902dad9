import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Samples: the quick reader")
struct QuickReaderTests {
    @Test("The quick reader takes what our agent writes", arguments: [0, 1, 4, 8, 64])
    func quickTakesOurs(gpus: Int) throws {
        let sample = SampleMaker.typical(gpus: gpus)
        let text = written { AgentCodec.encode(sample, into: &$0) }
        #expect(SampleDecoderTests.quickly(text) == sample)
        #expect(SampleDecoderTests.strictly(text) == sample)
        let spaced = try JSONTree(text).text(separator: " ")
        #expect(SampleDecoderTests.strictly(spaced) == sample)
        // As Python's json.dumps spaces it.
        let python = text.replacing(",", with: ", ").replacing(":", with: ": ")
            .replacing("{\"type\": \"sample\"", with: "{\"type\":\"sample\"")
        #expect(SampleDecoderTests.quickly(python) == sample)
    }

    @Test("The quick reader takes the detail, failures and processes aboard too")
    func quickTakesDetail() {
        let sample = SampleMaker.complete()
        #expect(SampleDecoderTests.quickly(written { AgentCodec.encode(sample, into: &$0) }) == sample)
    }

    @Test("Whatever the quick reader takes, the strict one takes for the same")
    func quickIsNeverBolder() throws {
        var generator = Seeded(11)
        let text = try Goldens.text("agent/sample_detail")
        let pieces = [
            "\"", "{", "}", "[", "]", ",", ":", "null", "-", "0", "1", ".", "e", "9999999999", " ", "\\u0041",
        ]
        var taken = 0
        for _ in 0..<30_000 {
            var bytes = Array(text.utf8)
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                let place = Int.random(in: 15..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: Array(pieces.randomElement(using: &generator)!.utf8), at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 40))
                }
            }
            var quick = SampleDecoderTests.blank()
            var strict = SampleDecoderTests.blank()
            let isTaken = bytes.withExactBytes { SampleDecoder.decodeQuickly($0, into: &quick) }
            let isRight = (try? bytes.withExactBytes { try SampleDecoder.decodeStrictly($0, into: &strict) }) == true
            if isTaken {
                taken += 1
                #expect(isRight && quick == strict, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(taken > 300)
    }
}
