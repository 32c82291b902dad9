import Bytes
import Testing

@testable import Web

@Suite("Engine.IO session")
struct EngineIOSessionTests {
    private func opened(
        _ transport: EngineIOTransport, _ settings: EngineIOSettings = EngineIOSettings()
    ) -> EngineIOSession {
        var actions: [EngineIOAction] = []
        return EngineIOSession(over: transport, sid: "a", settings: settings, at: 0, into: &actions)
    }

    @Test("a session at rest is small and holds nothing")
    func size() {
        #expect(MemoryLayout<EngineIOSession>.size <= 96)
        #expect(opened(.polling).queuedByteCount == 0)
    }

    @Test("the first ping comes an interval after the opening, the next ones an interval after the pong")
    func pings() throws {
        let server = EngineIOServer()
        let socket = try server.openWebSocket()
        try server.sleep(milliseconds: 299)
        #expect(socket.received.isEmpty)
        try server.sleep(milliseconds: 101)
        try server.send("3", over: socket)
        try server.sleep(milliseconds: 299)
        #expect(socket.received == ["2"])
        try server.sleep(milliseconds: 1)
        #expect(socket.received == ["2", "2"])
    }

    @Test("a pong that nobody asked for moves nothing")
    func earlyPong() throws {
        let server = EngineIOServer()
        let socket = try server.openWebSocket()
        try server.sleep(milliseconds: 200)
        try server.send("3", over: socket)
        try server.sleep(milliseconds: 100)
        #expect(socket.received == ["2"])
    }

    @Test("the deadline is the ping's, then the pong's, and none behind the end")
    func deadlines() {
        var actions: [EngineIOAction] = []
        var session = opened(.webSocket, EngineIOServer.suiteSettings)
        #expect(session.deadline == 300_000_000)
        session.tick(at: 299_999_999, into: &actions)
        #expect(actions.isEmpty)
        session.tick(at: 310_000_000, into: &actions)
        #expect(session.deadline == 510_000_000)
        session.tick(at: 510_000_000, into: &actions)
        #expect(session.deadline == nil && session.ending == .pingTimeout && !session.isOpen)
        #expect(
            actions == [
                .sendText(ByteBuffer([0x32])), .closeWebSocket(code: 3012), .end(.pingTimeout),
            ])
        session.tick(at: 1_000_000_000, into: &actions)
        #expect(actions.count == 3)
    }

    @Test("a client that pings is sent away, other packets that only a server sends are passed over")
    func foreignPackets() throws {
        let server = EngineIOServer()
        let socket = try server.openWebSocket()
        for frame in ["0{}", "5", "6", "6x"] { try server.send(.text(frame), over: socket) }
        #expect(socket.isOpen && socket.received.isEmpty)
        try server.send("2", over: socket)
        #expect(socket.closeCode == 1002 && server.endings["sid-1"] == .invalidPacket)
    }

    @Test("messages wait for a poll, in order, and every one of them once")
    func queue() throws {
        let server = EngineIOServer()
        let sid = try server.openPolling()
        try server.emit("a", to: sid)
        try server.emit(.binary([255]), to: sid)
        #expect(server.session(sid)?.queuedByteCount == 8)
        #expect(try server.poll(sid).body == "4a\u{1E}b/w==")
        let poll = try server.poll(sid)
        #expect(poll.status == nil)
        try server.emit("b", to: sid)
        #expect(poll.body == "4b")
    }

    @Test("a client that leaves too much waiting is given up")
    func slow() throws {
        let server = EngineIOServer(EngineIOSettings(queueBytes: 10))
        let sid = try server.openPolling()
        try server.emit("123456789", to: sid)
        #expect(server.endings.isEmpty)
        try server.emit("", to: sid)
        #expect(server.endings == [sid: .slow])
        #expect(try server.poll(sid).status == 400)
        let binary = try server.openPolling()
        try server.emit(.binary([UInt8](repeating: 0, count: 12)), to: binary)
        #expect(server.endings[binary] == .slow)
    }

    @Test("over a WebSocket a session closes at once, and says nothing afterwards")
    func closesWebSocket() {
        var actions: [EngineIOAction] = []
        var session = opened(.webSocket)
        session.close(at: 5, into: &actions)
        #expect(actions == [.closeWebSocket(code: 1000), .end(.serverClosed)])
        session.close(at: 6, into: &actions)
        session.send(into: &actions) { $0.append("late") }
        session.send(binary: UnsafeRawBufferPointer(start: nil, count: 0), into: &actions)
        #expect(session.receiveText("4late", into: &actions) == nil)
        #expect(actions.count == 2)
    }

    @Test("over long-polling a session waits for a poll to say what waits, and that it closes")
    func closesPolling() throws {
        let server = EngineIOServer()
        let sid = try server.openPolling()
        try server.emit("a", to: sid)
        try server.close(sid: sid)
        #expect(server.session(sid)?.isOpen == false)
        #expect(try server.post(sid, "4ignored").body == "ok")
        #expect(server.messages.isEmpty)
        #expect(try server.poll(sid).body == "4a\u{1E}1")
        #expect(server.endings == [sid: .serverClosed])
    }

    @Test("a poll that waits is told at once")
    func closesWaitingPoll() throws {
        let server = EngineIOServer()
        let sid = try server.openPolling()
        let poll = try server.poll(sid)
        try server.close(sid: sid)
        #expect(poll.body == "1" && server.endings == [sid: .serverClosed])
    }

    @Test("a closed session does not wait for ever, and does not ping")
    func closeTimeout() throws {
        let server = EngineIOServer(
            EngineIOSettings(pingIntervalMilliseconds: 300, pingTimeoutMilliseconds: 200, closeTimeoutMilliseconds: 900)
        )
        let sid = try server.openPolling()
        try server.close(sid: sid)
        try server.sleep(milliseconds: 899)
        #expect(server.session(sid)?.queuedByteCount == 0)
        try server.sleep(milliseconds: 1)
        #expect(server.endings == [sid: .serverClosed])
    }

    @Test("what waits at a close goes out in answers of as many packets as clients take, the last one says so")
    func closesInPieces() throws {
        let server = EngineIOServer(EngineIOSettings(answerPackets: 3))
        let sid = try server.openPolling()
        for text in ["a", "b", "c"] { try server.emit(.text(text), to: sid) }
        try server.close(sid: sid)
        #expect(try server.poll(sid).body == "4a\u{1E}4b")
        #expect(server.endings.isEmpty)
        #expect(try server.poll(sid).body == "4c\u{1E}1")
        #expect(server.endings == [sid: .serverClosed])
    }
}

extension EngineIOSession {
    /// What the session has of a text message over its WebSocket.
    mutating func receiveText(_ text: String, into actions: inout [EngineIOAction]) -> String? {
        [UInt8](text).withUnsafeBytes { bytes in
            guard case .text(let message)? = receive(text: bytes, at: 0, into: &actions) else { return nil }
            return String(decoding: message, as: UTF8.self)
        }
    }
}
