import Grid
import Testing

@testable import Runner

@Suite struct OutputTailTests {
    private func drain(_ tail: inout OutputTail) -> [LogChunk] {
        var chunks: [LogChunk] = []
        while let chunk = tail.next() { chunks.append(chunk) }
        return chunks
    }

    private func append(_ bytes: [UInt8], to tail: inout OutputTail) {
        bytes.withUnsafeBytes { tail.append($0) }
    }

    /// Of two beginnings the first will never be finished; only the second may be.
    @Test func aBeginningBehindABeginningIsNoReasonToWait() {
        var tail = OutputTail(stream: .stdout)
        append([0xE0, 0xE0], to: &tail)
        #expect(tail.next()?.text == "\u{FFFD}")
        #expect(tail.next() == nil)
        append([0xA4, 0xB9], to: &tail)
        #expect(tail.next()?.text == "\u{0939}")
    }

    /// However a text is cut into writes, it comes out whole, with offsets that fit.
    @Test func cutsDoNotShow() {
        let text = String(repeating: "aß€😀\n", count: 3000)
        let bytes = Array(text.utf8)
        for step in [1, 2, 3, 7, 4096, 30_000] {
            var tail = OutputTail(stream: .stdout)
            var chunks: [LogChunk] = []
            for start in stride(from: 0, to: bytes.count, by: step) {
                append(Array(bytes[start..<min(start + step, bytes.count)]), to: &tail)
                chunks += drain(&tail)
            }
            tail.end()
            chunks += drain(&tail)
            #expect(chunks.map(\.text).joined() == text)
            var offset: UInt64 = 0
            for chunk in chunks {
                #expect(chunk.offset == offset && chunk.text.utf8.count <= Limits.logChunkBytes)
                offset += UInt64(chunk.text.utf8.count)
            }
        }
    }

    @Test func theOldestMakesRoom() {
        var tail = OutputTail(stream: .stderr, capacity: 10)
        append(Array("0123456789abc".utf8), to: &tail)
        #expect(tail.totalBytes == 13)
        #expect(tail.next() == LogChunk(stream: .stderr, offset: 3, text: "3456789abc"))
        #expect(tail.next() == nil)
    }

    @Test func whatIsNoTextIsReplacedAndKeepsTheBound() {
        var tail = OutputTail(stream: .stdout)
        append([UInt8](repeating: 0xFF, count: 20_000), to: &tail)
        tail.end()
        let chunks = drain(&tail)
        #expect(chunks.allSatisfy { $0.text.utf8.count <= Limits.logChunkBytes })
        #expect(chunks.map(\.text).joined().unicodeScalars.count == 20_000)
        append([0xE2, 0x82], to: &tail)
        #expect(drain(&tail).map(\.text) == ["\u{FFFD}"])
    }

    @Test func anUnfinishedSequenceWaits() {
        var tail = OutputTail(stream: .stdout)
        append([0x61, 0xE2, 0x82], to: &tail)
        #expect(tail.next()?.text == "a")
        #expect(tail.next() == nil)
        append([0xAC], to: &tail)
        #expect(tail.next() == LogChunk(stream: .stdout, offset: 1, text: "€"))
    }
}
