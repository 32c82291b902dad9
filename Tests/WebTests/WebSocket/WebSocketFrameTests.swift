import Bytes
import Testing

@testable import Web

@Suite("WebSocket frames")
struct WebSocketFrameTests {
    private func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], fin: Bool = true, rsv1: Bool = false, mask: UInt32? = nil
    ) -> [UInt8] {
        var buffer = ByteBuffer()
        payload.withUnsafeBytes {
            WebSocketFrame.append(opcode: opcode, fin: fin, rsv1: rsv1, payload: $0, mask: mask, into: &buffer)
        }
        return buffer.bytes
    }

    @Test("the examples of RFC 6455 §5.7 are written byte for byte")
    func examples() {
        let hello = [UInt8]("Hello")
        #expect(frame(.text, hello) == [UInt8](hex: "81 05 48 65 6c 6c 6f"))
        #expect(frame(.text, hello, mask: 0x37FA_213D) == [UInt8](hex: "81 85 37 fa 21 3d 7f 9f 4d 51 58"))
        #expect(frame(.text, [UInt8]("Hel"), fin: false) == [UInt8](hex: "01 03 48 65 6c"))
        #expect(frame(.continuation, [UInt8]("lo")) == [UInt8](hex: "80 02 6c 6f"))
        #expect(frame(.ping, hello) == [UInt8](hex: "89 05 48 65 6c 6c 6f"))
        #expect(frame(.pong, hello, mask: 0x37FA_213D) == [UInt8](hex: "8a 85 37 fa 21 3d 7f 9f 4d 51 58"))
        #expect(Array(frame(.binary, [UInt8](repeating: 0, count: 256)).prefix(4)) == [UInt8](hex: "82 7e 01 00"))
        #expect(
            Array(frame(.binary, [UInt8](repeating: 0, count: 65_536)).prefix(10))
                == [UInt8](hex: "82 7f 00 00 00 00 00 01 00 00"))
    }

    @Test("lengths take their shortest form", arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
    func lengths(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        for mask in [nil, 0x0102_0304] as [UInt32?] {
            let bytes = frame(.binary, payload, mask: mask)
            #expect(bytes.count == WebSocketFrame.headerByteCount(payloadCount: count, masked: mask != nil) + count)
            let events = SeenWebSocket.events(.whole(bytes), role: mask == nil ? .client : .server)
            #expect(events == [.binary(payload)])
        }
    }

    @Test("a header alone is what stands before the payload")
    func headers() {
        var header = ByteBuffer()
        WebSocketFrame.appendHeader(
            opcode: .text, fin: false, rsv1: true, payloadCount: 300, mask: 0xAABB_CCDD, into: &header)
        #expect(header.bytes == [UInt8](hex: "41 fe 01 2c aa bb cc dd"))
        #expect(header.count == WebSocketFrame.headerByteCount(payloadCount: 300, masked: true))
    }

    @Test("whole frames of both roles")
    func roles() {
        var buffer = ByteBuffer()
        [UInt8]("Hello").withUnsafeBytes {
            WebSocketFrame.appendServer(opcode: .text, payload: $0, into: &buffer)
            WebSocketFrame.appendClient(opcode: .text, payload: $0, mask: 0x37FA_213D, into: &buffer)
        }
        #expect(buffer.bytes == [UInt8](hex: "81 05 48 65 6c 6c 6f 81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    }

    @Test("a close frame has a code that may be sent, or nothing")
    func closes() {
        func close(_ code: UInt16?, _ reason: String = "") -> [UInt8] {
            var buffer = ByteBuffer()
            WebSocketFrame.appendClose(code: code, reason: reason, into: &buffer)
            return buffer.bytes
        }
        #expect(close(1000) == [UInt8](hex: "88 02 03 e8"))
        #expect(close(3008, "slow") == [UInt8](hex: "88 06 0b c0") + [UInt8]("slow"))
        #expect(close(nil, "x") == [UInt8](hex: "88 00"))
        #expect(close(1005, "x") == [UInt8](hex: "88 00"))
        #expect(close(1006) == [UInt8](hex: "88 00"))
    }

    @Test("a long reason is cut between characters")
    func longReason() {
        var buffer = ByteBuffer()
        WebSocketFrame.appendClose(code: 1000, reason: String(repeating: "€", count: 100), into: &buffer)
        #expect(
            SeenWebSocket.events(.whole(buffer.bytes), role: .client)
                == [.close(1000, [UInt8](String(repeating: "€", count: 41)))])
    }

    @Test("a control frame that must not be traps")
    func faults() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            WebSocketFrame.appendHeader(opcode: .ping, payloadCount: 126, into: &buffer)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            WebSocketFrame.appendHeader(opcode: .close, fin: false, payloadCount: 0, into: &buffer)
        }
    }
}
