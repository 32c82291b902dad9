import Bytes
import Testing

@testable import Wire

@Suite("Socket.IO packets as they are sent")
struct SocketIOEncoderTests {
    @Test("a client is let in, refused and put out")
    func connections() {
        #expect(written { SocketIOEncoder.connect("/", sid: "a", into: &$0) } == "0{\"sid\":\"a\"}")
        #expect(written { SocketIOEncoder.connect("/ws", sid: "a\"", into: &$0) } == "0/ws,{\"sid\":\"a\\\"\"}")
        #expect(
            written { SocketIOEncoder.connectError("/", message: "no", into: &$0) } == "4{\"message\":\"no\"}")
        #expect(
            written { SocketIOEncoder.connectError("/ws", message: "no", data: "{\"code\":1}", into: &$0) }
                == "4/ws,{\"message\":\"no\",\"data\":{\"code\":1}}")
        #expect(written { SocketIOEncoder.disconnect("/", into: &$0) } == "1")
        #expect(written { SocketIOEncoder.disconnect("/ws", into: &$0) } == "1/ws,")
    }

    @Test("events, with an id or attachments or both")
    func events() {
        #expect(written { SocketIOEncoder.event("a", in: "/", into: &$0) { _ in } } == "2[\"a\"]")
        #expect(
            written { SocketIOEncoder.event("a", in: "/ws", id: 12, into: &$0) { $0.int(1) } } == "2/ws,12[\"a\",1]")
        #expect(
            written {
                SocketIOEncoder.event("a", in: "/ws", id: 0, attachments: 1, into: &$0) {
                    SocketIOPlaceholder.write(0, to: &$0)
                }
            } == "51-/ws,0[\"a\",{\"_placeholder\":true,\"num\":0}]")
    }

    @Test("acknowledgements")
    func acks() {
        #expect(written { SocketIOEncoder.ack(13, in: "/", into: &$0) { _ in } } == "313[]")
        #expect(
            written { SocketIOEncoder.ack(.max, in: "/ws", into: &$0) { $0.string("x") } }
                == "3/ws,18446744073709551615[\"x\"]")
        #expect(
            written {
                SocketIOEncoder.ack(1, in: "/", attachments: 2, into: &$0) { writer in
                    for number in 0..<2 { SocketIOPlaceholder.write(number, to: &writer) }
                }
            } == "62-1[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]")
    }

    @Test("packets are appended to what is there")
    func appends() {
        var buffer = ByteBuffer([0x34])
        SocketIOEncoder.event("a", in: "/", into: &buffer) { $0.bool(true) }
        #expect(buffer.text == "42[\"a\",true]")
    }
}
