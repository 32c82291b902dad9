import Bytes
import Grid
import Testing
import Web
import Wire

@testable import Fanout

@Suite("Class log")
struct ClassLogTests {
    private let compressor = WebSocketCompressor(thresholdBytes: 100)

    private func frame(_ payload: [UInt8], _ framing: Framing) -> [UInt8] {
        let log = ClassLog(key: ClassKey(room: .nodes, dialect: .native, framing: framing), compressor: compressor)
        let (segment, start, end) = payload.withUnsafeBytes { log.append(payload: $0) }
        #expect(start == 0 && end == log.end)
        return [UInt8](segment.bytes(from: start, to: end))
    }

    @Test("what is short or does not shrink goes uncompressed in the compressed class")
    func plain() {
        var number: UInt32 = 1
        let noise = (0..<125).map { _ -> UInt8 in
            number = number &* 1_664_525 &+ 1_013_904_223
            return UInt8(number >> 24)
        }
        for payload in [[UInt8]("{}".utf8), [UInt8](repeating: 65, count: 99), noise] {
            #expect(frame(payload, .webSocketDeflate) == [0x81, UInt8(payload.count)] + payload)
        }
        #expect(compressor.compressedCount == 1)
    }

    @Test("what is long is compressed, and only in the compressed class")
    func compressed() {
        let payload = [UInt8](repeating: 65, count: 100)
        var packed = ByteBuffer()
        let isCompressed = payload.withUnsafeBytes {
            WebSocketCompressor(thresholdBytes: 0).compress($0, into: &packed)
        }
        #expect(isCompressed)
        let expected = packed.withBytes { [UInt8]($0) }
        #expect(frame(payload, .webSocketDeflate) == [0xC1, UInt8(expected.count)] + expected)
        #expect(frame(payload, .webSocket) == [0x81, 100] + payload)
        #expect(compressor.compressedCount == 1)
    }

    @Test("frames follow each other, each compressed by itself")
    func follows() {
        let log = ClassLog(
            key: ClassKey(room: .nodes, dialect: .native, framing: .webSocketDeflate), compressor: compressor)
        let payload = [UInt8](repeating: 65, count: 1000)
        let frames = (0..<3).map { _ in
            let (segment, start, end) = payload.withUnsafeBytes { log.append(payload: $0) }
            return [UInt8](segment.bytes(from: start, to: end))
        }
        #expect(frames[0][0] == 0xC1)
        #expect(frames[1] == frames[0] && frames[2] == frames[0])
        #expect(log.end == UInt64(3 * frames[0].count))
    }
}
