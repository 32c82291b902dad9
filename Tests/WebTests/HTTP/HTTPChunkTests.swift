import Bytes
import Testing

@testable import Web

@Suite("HTTP chunks")
struct HTTPChunkTests {
    @Test("a chunk says its length in hexadecimal, and no bytes make no chunk")
    func chunks() {
        var buffer = ByteBuffer()
        for count in [26, 0, 1] {
            [UInt8](repeating: 120, count: count).withUnsafeBytes { HTTPChunk.append($0, into: &buffer) }
        }
        HTTPChunk.appendLast(into: &buffer)
        #expect(buffer.text == "1a\r\n" + String(repeating: "x", count: 26) + "\r\n1\r\nx\r\n0\r\n\r\n")
    }
}
