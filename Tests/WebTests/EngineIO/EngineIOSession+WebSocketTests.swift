import Bytes
import Testing

@testable import Web

@Suite("Engine.IO over WebSocket, and on the way there")
struct EngineIOSessionWebSocketTests {
    private let server = EngineIOServer()

    @Test("a WebSocket that breaks off ends its session, and is not closed once more")
    func brokenOff() throws {
        let socket = try server.openWebSocket()
        try server.close(socket)
        #expect(server.endings == ["sid-1": .transportClosed] && socket.closeCode == 1005)
    }

    @Test("an empty frame is no packet")
    func empty() throws {
        let socket = try server.openWebSocket()
        try server.send("", over: socket)
        #expect(socket.closeCode == 1002)
    }

    @Test("a poll that waits is let go when the probe comes, and later ones at once")
    func releasesPolls() throws {
        let sid = try server.openPolling()
        let poll = try server.poll(sid)
        let socket = try server.upgrade(sid)
        #expect(poll.status == nil)
        try server.send("2probe", over: socket)
        #expect(poll.body == "6")
        #expect(try server.poll(sid).body == "6")
        try server.emit("a", to: sid)
        #expect(try server.poll(sid).body == "4a")
        #expect(server.session(sid)?.isUpgrading == true)
    }

    @Test("what waits at the upgrade follows it over the WebSocket, in order and in frames of its kind")
    func movesQueue() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send("2probe", over: socket)
        try server.emit("a", to: sid)
        try server.emit(.binary([1, 2]), to: sid)
        try server.emit("", to: sid)
        #expect(socket.received == ["3probe"])
        try server.send("5", over: socket)
        try server.emit("b", to: sid)
        #expect(socket.received == ["3probe", "4a", .binary([1, 2]), "4", "4b"])
        #expect(server.session(sid)?.transport == .webSocket)
        #expect(server.session(sid)?.queuedByteCount == 0)
    }

    @Test("a poll that still waits at the upgrade is let go")
    func releasesLastPoll() throws {
        var actions: [EngineIOAction] = []
        var session = EngineIOSession(
            over: .polling, sid: "a", settings: EngineIOServer.suiteSettings, at: 0, into: &actions)
        let isTried = try session.beginUpgrade(at: 0, into: &actions)
        #expect(isTried)
        session.receiveProbe("2probe", into: &actions)
        actions.removeAll()
        // No flush came between, as when both arrive in one turn.
        session.hasPoll = true
        session.receiveProbe("5", into: &actions)
        #expect(actions == [.answerPoll(ByteBuffer([0x36])), .adoptProbe])
    }

    @Test("a ping that waited for a poll gets its whole time over the WebSocket")
    func pingAcrossUpgrade() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send("2probe", over: socket)
        try server.sleep(milliseconds: 490)
        try server.send("5", over: socket)
        #expect(socket.received == ["3probe", "2"])
        try server.sleep(milliseconds: 199)
        try server.send("3", over: socket)
        try server.sleep(milliseconds: 250)
        #expect(socket.isOpen)
    }

    @Test(
        "anything else than a probe and an upgrade gives the WebSocket up, not the session",
        arguments: ["2", "2probes", "3probe", "4hello", "6", "x", "", "5"])
    func badProbe(text: String) throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send(.text(text), over: socket)
        #expect(socket.closeCode == 1000 && socket.received.isEmpty)
        #expect(try server.post(sid, "4a").status == 200)
        #expect(try server.poll(sid).body == "4a")
        // Another one may be tried.
        let other = try server.upgrade(sid)
        try server.send("2probe", over: other)
        #expect(other.received == ["3probe"])
        try server.send("2probe", over: other)
        #expect(other.closeCode == 1000)
    }

    @Test("bytes give the WebSocket up, too")
    func binaryProbe() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send(.binary([0x35]), over: socket)
        #expect(socket.closeCode == 1000 && server.endings.isEmpty)
    }

    @Test("a second WebSocket while one is tried is closed, the first goes on")
    func second() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        let other = try server.upgrade(sid)
        #expect(other.refusal == nil && other.closeCode == 1000)
        try server.send("2probe", over: socket)
        #expect(socket.received == ["3probe"])
    }

    @Test("a session that began over a WebSocket needs no other")
    func webSocketSession() throws {
        let socket = try server.openWebSocket()
        #expect(try server.upgrade("sid-1").closeCode == 1000)
        #expect(try server.poll("sid-1").status == 400)
        #expect(try server.post("sid-1", "4a").status == 400)
        #expect(socket.isOpen)
    }

    @Test("a WebSocket that breaks off while it is tried leaves the session where it was")
    func brokenProbe() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send("2probe", over: socket)
        try server.close(socket)
        #expect(server.session(sid)?.isUpgrading == false)
        let poll = try server.poll(sid)
        #expect(poll.status == nil)
        try server.emit("a", to: sid)
        #expect(poll.body == "4a")
    }

    @Test("a WebSocket that does not get on is given up in time")
    func timeout() throws {
        let server = EngineIOServer(EngineIOSettings(upgradeTimeoutMilliseconds: 1000))
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send("2probe", over: socket)
        try server.sleep(milliseconds: 999)
        #expect(socket.isOpen)
        try server.sleep(milliseconds: 1)
        #expect(socket.closeCode == 1000 && server.endings.isEmpty)
    }

    @Test("the end of a session is the end of what is tried for it")
    func endsTogether() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        _ = try server.post(sid, "1")
        #expect(socket.closeCode == 1000 && server.endings == [sid: .clientClosed])
        #expect(try server.upgrade(sid).refusal == 400)
    }

    @Test("a session that is closed on the way upgrades first, says what waits and closes")
    func closesAfterUpgrade() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send("2probe", over: socket)
        try server.emit("last", to: sid)
        try server.close(sid: sid)
        #expect(server.endings.isEmpty)
        try server.send("5", over: socket)
        #expect(socket.received == ["3probe", "4last"] && socket.closeCode == 1000)
        #expect(server.endings == [sid: .serverClosed])
    }

    @Test("a session that is closed on the way waits no longer than for the upgrade")
    func closesWithoutUpgrade() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.close(sid: sid)
        #expect(try server.upgrade(sid).closeCode == 1000)
        try server.sleep(milliseconds: 10_000)
        #expect(socket.closeCode == 1000 && server.endings == [sid: .serverClosed])
    }

    @Test("a POST that is under way at the upgrade still counts")
    func postAcrossUpgrade() throws {
        let sid = try server.openPolling()
        let socket = try server.upgrade(sid)
        try server.send("2probe", over: socket)
        try server.call(sid) { seat, actions in
            try seat.session.beginPost(contentType: nil, byteCount: 2, into: &actions)
        }
        try server.send("5", over: socket)
        try server.call(sid) { seat, actions in
            var body = [UInt8]("4a")
            body.withUnsafeMutableBytes { bytes in
                var payload = EngineIOPayloadReader(bytes)
                let message = seat.session.receive(&payload, at: server.now, into: &actions)
                #expect(message != nil)
            }
            try seat.session.finishPost()
        }
    }
}

extension EngineIOSession {
    /// Hands in a text of the WebSocket that is being tried.
    mutating func receiveProbe(_ text: String, into actions: inout [EngineIOAction]) {
        [UInt8](text).withUnsafeBytes { receiveProbe(text: $0, at: 0, into: &actions) }
    }
}
