import Bytes
import Reactor
import Testing
import Web

@testable import Fanout

@Suite("Engine.IO sessions of a loop")
struct EngineLinksTests {
    @Test("A message is framed whole, whatever was framed before and wherever it is divided")
    func frames() throws {
        let loop = try EventLoop()
        defer { loop.close() }
        let links = EngineLinks(
            on: loop, number: 0, settings: EngineIOSettings(), drawBytes: { Array(repeating: 7, count: $0) })
        let long = String(repeating: "x", count: 70_000)
        let messages = [
            ("2/ws,", "[1]"), ("2/ws,", "[1]"), ("2/ws", ",[1]"), ("2", "[1]"), ("2/ws,", "[2]"), ("", "2/ws,[2]"),
            ("2/ws,[2]", ""), ("", ""), ("2/ws,", "[3]"), ("2/ws,", long), ("2/ws,", String(long.dropLast()) + "y"),
        ]
        for (head, tail) in messages {
            let frame = Array(head.utf8).withUnsafeBytes { head in
                Array(tail.utf8).withUnsafeBytes { tail in links.frame(of: head, tail) }
            }
            var expected = ByteBuffer()
            Array(("4" + head + tail).utf8).withUnsafeBytes {
                WebSocketFrame.appendServer(opcode: .text, payload: $0, into: &expected)
            }
            #expect(frame.withBytes { Array($0) } == expected.withBytes { Array($0) }, "\(head)|\(tail.prefix(20))")
        }
    }
}
