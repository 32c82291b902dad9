import Bytes
import Grid
import Testing

@testable import Fanout

@Suite("Stream frame")
struct StreamFrameTests {
    private func text(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        write(&buffer)
        return buffer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func data(_ text: String) -> ByteBuffer { ByteBuffer(Array(text.utf8)) }

    @Test("an event is one chunk, its length in hexadecimal")
    func event() {
        let position = RoomPosition(room: .general, position: LogPosition(epoch: 9, offset: 7))
        let frame = text { StreamFrame.append(type: "node_status", data: data("{}"), positions: [position], into: &$0) }
        #expect(frame == "2d\r\nid: general=7@9\nevent: node_status\ndata: {}\n\n\r\n")
    }

    @Test("lengths of every number of digits tell what follows", arguments: [1, 200, 4000, 65_000, 1_100_000])
    func lengths(count: Int) {
        let payload = String(repeating: "x", count: count)
        let frame = text { StreamFrame.append(type: "t", data: data(payload), into: &$0) }
        let lines = frame.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && Int(lines[0], radix: 16) == lines[1].utf8.count)
        #expect(lines[1] == "event: t\ndata: \(payload)\n\n")
    }

    @Test("what is no event moves no id")
    func others() {
        #expect(text { StreamFrame.append(retryMilliseconds: 2500, into: &$0) } == "d\r\nretry: 2500\n\n\r\n")
        #expect(text { StreamFrame.appendHeartbeat(into: &$0) } == "3\r\n:\n\n\r\n")
        #expect(!text { StreamFrame.append(type: "t", data: data("x"), into: &$0) }.contains("id"))
    }
}
