import Testing

@testable import Web

@Suite("WebSocket inflater")
struct WebSocketInflaterTests {
    private static let hello = [UInt8](hex: "f2 48 cd c9 c9 07 00")

    @Test(
        "the examples of RFC 7692 §7.2.3",
        arguments: [
            // One block, without compression, with a final block, and two blocks.
            "f2 48 cd c9 c9 07 00", "00 05 00 fa ff 48 65 6c 6c 6f 00", "f3 48 cd c9 c9 07 00 00",
            "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
        ])
    func examples(message: String) throws {
        let inflater = WebSocketInflater()
        // Twice: nothing of a message may be left for the next one.
        for _ in 0..<2 { #expect(try inflater.inflated([UInt8](hex: message), isText: true).text == "Hello") }
    }

    @Test("an empty message is one byte, or an empty final block")
    func empty() throws {
        let inflater = WebSocketInflater()
        #expect(try inflater.inflated([0x00]).isEmpty)
        #expect(try inflater.inflated([0x03, 0x00, 0x00]).isEmpty)
        // A final block whose end is the cut off tail itself.
        #expect(try inflater.inflated([0x01]).isEmpty)
        #expect(inflater.failure([]) == 1007)
    }

    @Test("the window goes on behind a final block, and not into the next message")
    func window() throws {
        let inflater = WebSocketInflater()
        // "Hello" as a final block, then the match that RFC 7692 §7.2.3.2 sends with context takeover.
        let again = [UInt8](hex: "f3 48 cd c9 c9 07 00") + [UInt8](hex: "f2 00 11 00 00")
        #expect(try inflater.inflated(again).text == "HelloHello")
        #expect(inflater.failure([UInt8](hex: "f2 00 11 00 00")) == 1007)
    }

    @Test("thousands of final blocks in one message cost no more than their bytes")
    func finalBlocks() throws {
        let blocks = (0..<100_000).flatMap { _ in [0x03, 0x00] as [UInt8] }
        #expect(try WebSocketInflater().inflated(blocks + [0x00]).isEmpty)
    }

    @Test("a message cut short is an error wherever it is cut")
    func cutShort() {
        let inflater = WebSocketInflater()
        // Behind 6 bytes the block has ended and the flush, whose header is the seventh, is missing.
        for count in 0..<Self.hello.count { #expect(inflater.failure(Array(Self.hello[..<count])) == 1007) }
        #expect(inflater.failure(Self.hello + [0xFF]) == 1007)
        #expect(inflater.failure([0xFF]) == 1007)
    }

    @Test("a bomb ends at the limit, and so does its room")
    func bomb() throws {
        let zeros = [UInt8](repeating: 0, count: 6 << 20)
        let message = try #require(WebSocketCompressor(thresholdBytes: 0).compressed(zeros))
        #expect(message.count < 16 << 10)
        let inflater = WebSocketInflater()
        for limit in [0, 1, 4095, 4096, 4097, 16 << 10, 1 << 20, zeros.count - 1] {
            #expect(inflater.failure(message, limit: limit) == 1009)
            #expect(inflater.capacity <= limit + 1)
            inflater.trim()
            #expect(inflater.capacity <= WebSocketInflater.keptBytes)
            if limit > 1 << 16 { #expect(inflater.capacity == 0) }
        }
        for limit in [zeros.count, zeros.count + 1, .max] {
            #expect(try inflater.inflated(message, limit: limit) == zeros)
            inflater.trim()
        }
    }

    @Test("exactly the limit is allowed, whatever room there is already", arguments: [1, 100, 4096, 8192])
    func exactLimit(count: Int) throws {
        let inflater = WebSocketInflater()
        let payload = [UInt8](repeating: 65, count: count)
        // Stored, so that small ones have a form as well.
        let stored = [0x00, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF), UInt8((~count >> 8) & 0xFF)]
        let message = stored + payload + [0x00]
        for _ in 0..<2 {
            #expect(try inflater.inflated(message, limit: count) == payload)
            #expect(inflater.failure(message, limit: count - 1) == 1009)
        }
    }

    @Test("a text is checked as it grows")
    func text() throws {
        let compressor = WebSocketCompressor(thresholdBytes: 0)
        let inflater = WebSocketInflater()
        let long = [UInt8](String(repeating: "héllo €", count: 5000))
        let message = try #require(compressor.compressed(long))
        #expect(try inflater.inflated(message, isText: true) == long)
        for spoiled in [[0xFF] + long, long + [0xE2, 0x82], Array(long[..<20_001]) + [0x80, 0xFF] + long] {
            let message = try #require(compressor.compressed(spoiled))
            #expect(inflater.failure(message, isText: true) == 1007)
            #expect(inflater.failure(message, isText: false) == 0)
        }
        // The first byte is wrong, and all that follows too much: the text fails before it has grown.
        let bomb = try #require(compressor.compressed([0xFF] + [UInt8](repeating: 65, count: 1 << 20)))
        #expect(inflater.failure(bomb, limit: 1 << 19, isText: true) == 1007)
        #expect(inflater.failure(bomb, limit: 1 << 19, isText: false) == 1009)
    }

    @Test("spoiled data is refused or inflates within the limit, and spoils nothing behind it", arguments: 0..<4)
    func spoiled(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let compressor = WebSocketCompressor(thresholdBytes: 0)
        let inflater = WebSocketInflater()
        let limit = 20_000
        for _ in 0..<500 {
            let count = Int.random(in: 100...10_000, using: &random)
            let payload = (0..<count).map { _ in UInt8.random(in: 60...70, using: &random) }
            let message = try #require(compressor.compressed(payload))
            let spoiled = random.mutated(message, interesting: [0x00, 0x01, 0x03, 0x05, 0xFF])
            for isText in [false, true] {
                do throws(WebSocketError) {
                    let bytes = try inflater.inflated(spoiled, limit: limit, isText: isText)
                    #expect(bytes.count <= limit)
                    if isText { #expect(String(validating: bytes, as: UTF8.self) != nil) }
                } catch {
                    #expect(error.closeCode == 1007 || error.closeCode == 1009)
                }
            }
            #expect(try inflater.inflated(message, limit: limit, isText: true) == payload)
        }
    }

    @Test("noise never traps", arguments: 0..<4)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let inflater = WebSocketInflater()
        for _ in 0..<2000 {
            let count = Int.random(in: 0...200, using: &random)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect([0, 1007, 1009].contains(inflater.failure(noise, limit: 1000)))
        }
    }
}
