import Bytes
import Glibc
import Grid
import Reactor
import Testing

@testable import Fanout

@Suite("Server connection, as a stream of events")
struct ServerConnectionEventStreamTests {
    private func frame(_ text: String) -> ByteBuffer {
        var frame = ByteBuffer()
        StreamFrame.append(type: "t", data: ByteBuffer(Array(text.utf8)), into: &frame)
        return frame
    }

    private func follow(_ bench: ServerBench, _ more: String = "") {
        bench.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n" + more)
        bench.turn()
        bench.connection.beginEventStream(headers: [("Vary", "Origin")], frame("first"))
        bench.turn()
    }

    @Test("an answer in chunks, frames behind it, and an end that shows")
    func whole() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        follow(bench)
        let head = bench.hear()
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        for field in [
            "Content-Type: text/event-stream", "Cache-Control: no-store", "X-Accel-Buffering: no", "Vary: Origin",
            "Transfer-Encoding: chunked", "Connection: close",
        ] { #expect(head.contains(field + "\r\n")) }
        #expect(head.hasSuffix("\r\n\r\n16\r\nevent: t\ndata: first\n\n\r\n"))
        #expect(bench.connection.isEventStream && bench.connection.unfinishedByteCount == 0)
        bench.connection.send(frame("next"))
        bench.turn()
        #expect(bench.hear() == "15\r\nevent: t\ndata: next\n\n\r\n")
        bench.connection.endEventStream(code: 1001)
        bench.connection.endEventStream(code: 1008)
        bench.turn()
        #expect(bench.hear() == "0\r\n\r\n")
        #expect(bench.connection.isSayingGoodbye && bench.connection.sentCloseCode == 1001 && bench.hasEnded)
    }

    @Test("what the peer still sends is nothing, more requests included")
    func input() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        follow(bench, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.say("GET /now HTTP/1.1\r\nHost: x\r\n\r\nnoise")
        bench.turn()
        #expect(bench.hear().components(of: "HTTP/1.1") == 1)
        #expect(!bench.connection.isClosed && bench.connection.unfinishedByteCount == 0)
    }

    @Test("a peer that shuts its half is gone")
    func halfClosed() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        follow(bench)
        shutdown(bench.far, Int32(SHUT_WR))
        bench.turn()
        #expect(bench.connection.isClosed)
    }

    @Test("one that is too slow gets the end of the body, once what was begun is whole")
    func slow() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        follow(bench)
        bench.look()
        bench.connection.fellBehind(.stalled, at: bench.connection.withdraw())
        bench.turn()
        #expect(bench.hear().hasSuffix("\n\n\r\n0\r\n\r\n"))
    }

    @Test("an answer that nobody waits for begins no stream")
    func nobody() throws {
        let bench = try ServerBench()
        defer { bench.close() }
        bench.connection.beginEventStream(headers: [], frame("x"))
        bench.turn()
        #expect(bench.hear().isEmpty && !bench.connection.isEventStream)
    }
}

extension ServerBench {
    /// Whether the connection has sent its end.
    fileprivate var hasEnded: Bool {
        var byte: UInt8 = 0
        return recv(far, &byte, 1, Int32(MSG_DONTWAIT)) == 0
    }
}

extension String {
    fileprivate func components(of text: String) -> Int {
        indices.count { self[$0...].hasPrefix(text) }
    }
}
