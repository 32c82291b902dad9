import Bytes
import Testing

@testable import Web

@Suite("Engine.IO over long-polling")
struct EngineIOSessionPollingTests {
    private let server = EngineIOServer()

    private func opened(_ settings: EngineIOSettings = EngineIOSettings()) -> EngineIOSession {
        var actions: [EngineIOAction] = []
        return EngineIOSession(over: .polling, sid: "a", settings: settings, at: 0, into: &actions)
    }

    @Test("an answer takes sixteen packets, the next ones wait for the next poll")
    func sixteen() throws {
        let sid = try server.openPolling()
        for index in 0..<33 { try server.emit(.text("\(index)"), to: sid) }
        var bodies: [[String]] = []
        for _ in 0..<3 { bodies.append(try server.poll(sid).body.split(separator: "\u{1E}").map(String.init)) }
        #expect(bodies.map(\.count) == [16, 16, 1])
        #expect(bodies.flatMap(\.self) == (0..<33).map { "4\($0)" })
        #expect(try server.poll(sid).status == nil)
    }

    @Test("a timer that is late does not let a silent client live on")
    func lateTimer() throws {
        let sid = try server.openPolling()
        let poll = try server.poll(sid)
        try server.sleep(milliseconds: 300)
        #expect(poll.body == "2")
        server.oversleep(milliseconds: 200)
        #expect(try server.poll(sid).status == 400)
        #expect(server.endings == [sid: .pingTimeout])
    }

    @Test("a ping that is due goes out with the poll that finds it")
    func latePing() throws {
        let sid = try server.openPolling()
        server.oversleep(milliseconds: 400)
        #expect(try server.poll(sid).body == "2")
    }

    @Test("a poll that waits hears of its session's end", arguments: ["1", "x", "2", ""])
    func waitingPoll(payload: String) throws {
        let sid = try server.openPolling()
        let poll = try server.poll(sid)
        let isClose = payload == "1"
        #expect(try server.post(sid, payload).status == (isClose ? 200 : 400))
        #expect(poll.body == (isClose ? "6" : "1"))
    }

    @Test("what came before a fault is delivered, what comes behind it is not")
    func partial() throws {
        let sid = try server.openPolling()
        server.echoes = false
        #expect(try server.post(sid, "4a\u{1E}4b\u{1E}x\u{1E}4c").status == 400)
        #expect(server.messages == ["a", "b"])
        let other = try server.openPolling()
        #expect(try server.post(other, "4d\u{1E}1\u{1E}4e").status == 200)
        #expect(server.messages == ["a", "b", "d"])
    }

    @Test(
        "bytes where texts have to be end the session",
        arguments: ["application/octet-stream", "Application/Octet-Stream;x=y"])
    func binaryBody(contentType: String) throws {
        let sid = try server.openPolling()
        #expect(try server.post(sid, "4a", contentType: contentType).status == 400)
        #expect(server.endings == [sid: .invalidPacket])
    }

    @Test("any other type, and none, is a text", arguments: ["text/plain", "application/json", nil])
    func textBody(contentType: String?) throws {
        let sid = try server.openPolling()
        #expect(try server.post(sid, "4a", contentType: contentType).status == 200)
    }

    @Test("a body beyond maxPayload is refused with 413, and the session goes on")
    func tooLarge() throws {
        let server = EngineIOServer(EngineIOSettings(payloadBytes: 5))
        let sid = try server.openPolling()
        let refused = try server.post(sid, "412345")
        #expect(refused.status == 413 && refused.body.isEmpty)
        #expect(try server.post(sid, "41234").status == 200)
        #expect(try server.poll(sid).body == "41234")
    }

    @Test("a body that turns out too large as it comes is refused likewise")
    func growsTooLarge() throws {
        var session = opened()
        var actions: [EngineIOAction] = []
        try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
        session.postTooLarge()
        try session.beginPost(contentType: nil, byteCount: 3, into: &actions)
        try session.finishPost()
        #expect(actions.isEmpty && session.isOpen)
    }

    @Test("a second POST while one is under way ends the session, and both are refused")
    func overlap() throws {
        var session = opened()
        var actions: [EngineIOAction] = []
        try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
        #expect(throws: EngineIORefusal.badRequest) {
            try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
        }
        #expect(throws: EngineIORefusal.badRequest) { try session.finishPost() }
        #expect(actions == [.end(.overlap)])
        #expect(throws: EngineIORefusal.unknownSession) {
            try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
        }
    }

    @Test("a POST that breaks off ends the session; one that is over does not")
    func abortedPost() throws {
        var session = opened()
        var actions: [EngineIOAction] = []
        session.postAborted(into: &actions)
        #expect(actions.isEmpty)
        try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
        session.postAborted(into: &actions)
        #expect(actions == [.end(.transportClosed)])
        session.pollAborted(into: &actions)
        #expect(actions.count == 1)
    }

    @Test("a session that ends while a POST is under way refuses it")
    func endsWithinPost() throws {
        for (close, isRefused) in [(false, true), (true, false)] {
            var session = opened(EngineIOServer.suiteSettings)
            var actions: [EngineIOAction] = []
            try session.beginPost(contentType: nil, byteCount: nil, into: &actions)
            if close {
                try session.poll(at: 0, into: &actions)
                session.close(at: 0, into: &actions)
            } else {
                session.tick(at: 300_000_000, into: &actions)
                session.tick(at: 500_000_000, into: &actions)
            }
            #expect(session.ending == (close ? .serverClosed : .pingTimeout))
            var body = [UInt8]("4a")
            body.withUnsafeMutableBytes { bytes in
                var payload = EngineIOPayloadReader(bytes)
                let message = session.receive(&payload, at: 0, into: &actions)
                #expect(message == nil)
            }
            do throws(EngineIORefusal) {
                try session.finishPost()
                #expect(!isRefused)
            } catch {
                #expect(isRefused && error == .badRequest)
            }
        }
    }

    @Test("a caller may answer a poll itself, behind what waits")
    func takePoll() throws {
        var session = opened()
        var actions: [EngineIOAction] = []
        #expect(session.takePoll() == nil)
        try session.poll(at: 0, into: &actions)
        #expect(session.hasPoll)
        session.send(into: &actions) { $0.append("own") }
        let lent = session.takePoll()
        var writer = try #require(lent)
        #expect(writer.packetCount == 1 && writer.hasRoom && !session.hasPoll)
        [UInt8]("42[\"shared\"]").withUnsafeBytes { writer.append(packet: $0) }
        #expect(writer.finish().text == "4own\u{1E}42[\"shared\"]")
        #expect(session.takePoll() == nil && actions.isEmpty)
        try session.poll(at: 0, into: &actions)
        let empty = session.takePoll()
        #expect(try #require(empty).finish().text == "6")
    }

    @Test("where more waits than an answer takes, there is no room for anything else")
    func takeFullPoll() throws {
        var session = opened(EngineIOSettings(answerPackets: 2))
        var actions: [EngineIOAction] = []
        try session.poll(at: 0, into: &actions)
        for _ in 0..<3 { session.send(into: &actions) { $0.append("x") } }
        let lent = session.takePoll()
        let writer = try #require(lent)
        #expect(!writer.hasRoom && writer.finish().text == "4x\u{1E}4x")
        #expect(session.queuedByteCount == 2)
    }

    @Test("a poll of a session that has just ended knows nobody")
    func ended() throws {
        var session = opened()
        var actions: [EngineIOAction] = []
        try session.poll(at: 0, into: &actions)
        session.pollAborted(into: &actions)
        #expect(throws: EngineIORefusal.unknownSession) { try session.poll(at: 0, into: &actions) }
        #expect(actions == [.end(.transportClosed)])
    }
}
