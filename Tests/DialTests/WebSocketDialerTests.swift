import Glibc
import Reactor
import Testing
import Web

@testable import Dial

struct WebSocketDialerTests {
    @Test func opensWithFieldsAndSubprotocol() throws {
        let harness = try DialHarness { channel, head in
            channel.upgrade(head, subprotocols: ["neurogrid.agent.v1"])
        }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        var request = WebSocketRequest(url: try harness.url("/agent?x=1"))
        request.subprotocols = ["other", "neurogrid.agent.v1"]
        request.headers = [("User-Agent", "test")]
        harness.makeDialer().dial(request, tag: 77, delegate: delegate)
        try harness.turn { delegate.client != nil }
        #expect(delegate.agreements.map(\.subprotocol) == ["neurogrid.agent.v1"])
        #expect(delegate.client?.tag == 77 && delegate.client?.isOpen == true)
        let head = try #require(harness.accepted.first?.heads.first)
        #expect(head.path == "/agent" && head.query == "x=1")
        #expect(head.headers["user-agent"] == "test" && head.headers["host"] == "127.0.0.1:\(harness.port)")
    }

    @Test func opensThroughAUnixSocket() throws {
        let path = "/tmp/dial-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let harness = try DialHarness(at: .unix(path: path)) { $0.upgrade($1) }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        var request = WebSocketRequest(url: try ServiceURL(parsing: "ws://control/ws"))
        request.unixPath = path
        harness.makeDialer().dial(request, delegate: delegate)
        try harness.turn { delegate.client != nil }
    }

    @Test func aRefusalCarriesStatusBodyAndPatience() throws {
        let harness = try DialHarness { channel, _ in
            channel.sendRaw("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 8\r\n\r\nslow ")
            channel.loop.schedule(afterNanoseconds: 1_000_000) { channel.sendRaw("now") }
        }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        harness.makeDialer().dial(WebSocketRequest(url: try harness.url()), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        #expect(
            delegate.dialErrors
                == [.refused(HandshakeRefusal(status: 429, retryAfterSeconds: 7, body: "slow now"))])
        #expect(delegate.clients.isEmpty && delegate.endings.isEmpty)
    }

    @Test func aRefusalCutShortIsStillARefusal() throws {
        let harness = try DialHarness { channel, _ in
            channel.sendRaw("HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nnot you")
            channel.closeAfterFlush()
        }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        harness.makeDialer().dial(WebSocketRequest(url: try harness.url()), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        #expect(
            delegate.dialErrors
                == [.refused(HandshakeRefusal(status: 403, retryAfterSeconds: nil, body: "not you"))])
    }

    @Test(arguments: [
        (
            "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
            DialError.badHandshake(.wrongAccept)
        ),
        ("HTTP/1.1 101 X\r\n\r\n", .badHandshake(.notUpgraded)),
        ("SSH-2.0-OpenSSH_9.2\r\n", .badResponse(.malformedStatusLine)),
    ])
    func aServerThatSpeaksSomethingElseIsNotOpened(answer: String, error: DialError) throws {
        let harness = try DialHarness { channel, _ in channel.sendRaw(answer) }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        harness.makeDialer().dial(WebSocketRequest(url: try harness.url()), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        #expect(delegate.dialErrors == [error])
        try harness.turn { harness.accepted[0].hasEnded }
    }

    @Test func aSilentServerTimesOut() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        var request = WebSocketRequest(url: try harness.url())
        request.openTimeoutMilliseconds = 30
        harness.makeDialer().dial(request, delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        #expect(delegate.dialErrors == [.timedOut])
    }

    @Test func anEndWithinTheHandshakeIsEarly() throws {
        let harness = try DialHarness { channel, _ in channel.close() }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        harness.makeDialer().dial(WebSocketRequest(url: try harness.url()), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        #expect(delegate.dialErrors == [.endedEarly])
    }

    @Test func nobodyThereIsUnreachable() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let nobody = try RefusingPort()
        defer { nobody.close() }
        let delegate = RecordingDelegate()
        harness.makeDialer().dial(WebSocketRequest(url: try nobody.url()), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        #expect(delegate.dialErrors == [.unreachable(SystemError(errno: ECONNREFUSED, call: "connect"))])
    }

    @Test func aCancelledDialIsSilentAtEveryStage() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        let dialer = harness.makeDialer()
        let request = WebSocketRequest(url: try harness.url())
        dialer.dial(request, delegate: delegate).cancel()
        let second = dialer.dial(request, delegate: delegate)
        try harness.turn { harness.accepted.last?.heads.count == 1 }
        second.cancel()
        second.cancel()
        try harness.turn { harness.accepted.last?.hasEnded == true }
        #expect(delegate.dialErrors.isEmpty && delegate.clients.isEmpty && delegate.endings.isEmpty)
    }
}
