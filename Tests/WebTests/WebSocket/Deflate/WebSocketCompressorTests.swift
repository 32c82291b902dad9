import Bytes
import Testing

@testable import Web

@Suite("WebSocket compressor")
struct WebSocketCompressorTests {
    @Test("the RFC's Hello is compressed as the RFC has it, each time alike")
    func hello() throws {
        let compressor = WebSocketCompressor(thresholdBytes: 0)
        // The 7 bytes of RFC 7692 §7.2.3.1 are no fewer than 5, so Hello alone would go as it is.
        #expect(compressor.compressed([UInt8]("Hello")) == nil)
        let text = [UInt8](String(repeating: "Hello", count: 4))
        let first = try #require(compressor.compressed(text))
        #expect(first.count < text.count)
        #expect(compressor.compressed(text) == first)
        #expect(try WebSocketInflater().inflated(first) == text)
        #expect(compressor.compressedCount == 3)
    }

    @Test("what does not shrink, is empty or lies below the threshold is left alone, and nothing is appended")
    func leavesAlone() {
        let compressor = WebSocketCompressor(thresholdBytes: 100)
        var random = SeededRandom(seed: 1)
        let noise = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for payload in [[], [UInt8](repeating: 65, count: 99), noise] {
            var buffer = ByteBuffer([1, 2, 3])
            let isCompressed = payload.withUnsafeBytes { compressor.compress($0, into: &buffer) }
            #expect(!isCompressed)
            #expect(buffer.bytes == [1, 2, 3])
        }
        #expect(compressor.compressedCount == 1)
        // What was given up leaves nothing behind in the next message.
        let plain = [UInt8](repeating: 65, count: 100)
        #expect(compressor.compressed(plain) == WebSocketCompressor(thresholdBytes: 0).compressed(plain))
    }

    @Test("what goes in comes out again, at every window", arguments: 9...15)
    func roundTrips(windowBits: Int) throws {
        let compressor = WebSocketCompressor(windowBits: windowBits, thresholdBytes: 0)
        let inflater = WebSocketInflater()
        var random = SeededRandom(seed: UInt64(windowBits))
        for count in [100, 300, 5000, 70_000, 300_000] {
            let payload = (0..<count).map { _ in UInt8.random(in: 0...3, using: &random) }
            let compressed = try #require(compressor.compressed(payload))
            #expect(try inflater.inflated(compressed) == payload)
        }
    }

    @Test("what is appended lies behind what was there")
    func appends() throws {
        let payload = [UInt8](repeating: 7, count: 1000)
        let compressor = WebSocketCompressor(thresholdBytes: 0)
        var buffer = ByteBuffer([9, 9])
        #expect(payload.withUnsafeBytes { compressor.compress($0, into: &buffer) })
        #expect(Array(buffer.bytes[..<2]) == [9, 9])
        #expect(try WebSocketInflater().inflated(Array(buffer.bytes[2...])) == payload)
    }
}
