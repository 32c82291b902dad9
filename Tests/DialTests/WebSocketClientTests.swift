import Bytes
import Glibc
import Reactor
import Testing
import Web

@testable import Dial

struct WebSocketClientTests {
    /// An open connection and both its ends.
    private struct Pair {
        let harness: DialHarness
        let delegate: RecordingDelegate
        let client: WebSocketClient
        let server: ServerChannel
    }

    private func open(_ adjust: (inout WebSocketRequest) -> Void = { _ in }) throws -> Pair {
        let harness = try DialHarness { $0.upgrade($1) }
        let delegate = RecordingDelegate()
        var request = WebSocketRequest(url: try harness.url())
        adjust(&request)
        harness.makeDialer().dial(request, delegate: delegate)
        try harness.turn { delegate.client != nil }
        return Pair(
            harness: harness, delegate: delegate, client: try #require(delegate.client), server: harness.accepted[0])
    }

    @Test func messagesGoBothWays() throws {
        let pair = try open()
        defer { pair.harness.close() }
        let large = String(repeating: "größer", count: 30_000)
        #expect(pair.client.send(text: "hello"))
        #expect(pair.client.send(text: large))
        #expect([0, 255, 7].withUnsafeBytes { pair.client.send(binary: $0) })
        try pair.harness.turn { !pair.server.binaries.isEmpty }
        #expect(pair.server.messages == ["hello", large])
        #expect(pair.server.faults.isEmpty)
        pair.server.sendText("answer")
        pair.server.sendText(large)
        pair.server.sendFrame(.binary, [1, 2])
        try pair.harness.turn { !pair.delegate.binaries.isEmpty }
        #expect(pair.delegate.texts == ["answer", large])
        #expect(pair.delegate.endings.isEmpty)
    }

    @Test func longMessagesGoCompressedOnceAgreed() throws {
        let inflater = WebSocketInflater()
        let harness = try DialHarness { $0.upgrade($1, inflater: inflater) }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        var request = WebSocketRequest(url: try harness.url())
        request.offersDeflate = true
        harness.makeDialer().dial(request, delegate: delegate)
        try harness.turn { delegate.client != nil }
        #expect(delegate.agreements.first?.extensions.count == 1)
        let client = try #require(delegate.client)
        let large = String(repeating: "größer", count: 30_000)
        #expect(client.send(text: large))
        #expect(client.queuedByteCount < 5000)
        #expect(client.send(text: "short"))
        try harness.turn { harness.accepted[0].messages.count == 2 }
        #expect(harness.accepted[0].messages == [large, "short"])
        #expect(harness.accepted[0].faults.isEmpty)
        // "Hello" of RFC 7692 §7.2.3.1.
        harness.accepted[0].send([0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        harness.accepted[0].sendText("plain")
        try harness.turn { delegate.texts.count == 2 }
        #expect(delegate.texts == ["Hello", "plain"])
    }

    @Test func aCompressedMessageThatWasNotAgreedUponBreaksTheProtocol() throws {
        let pair = try open { $0.offersDeflate = true }
        defer { pair.harness.close() }
        #expect(pair.delegate.agreements.first?.extensions.isEmpty == true)
        pair.server.send([0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.texts.isEmpty)
    }

    @Test func framesBehindTheHandshakeAreNotLost() throws {
        let harness = try DialHarness { channel, head in
            channel.upgrade(head)
            channel.sendText("first")
            channel.sendText("second")
        }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        harness.makeDialer().dial(WebSocketRequest(url: try harness.url()), delegate: delegate)
        try harness.turn { delegate.texts.count == 2 }
        #expect(delegate.texts == ["first", "second"])
    }

    @Test func pingsAreAnswered() throws {
        let pair = try open()
        defer { pair.harness.close() }
        pair.server.sendFrame(.ping, [1, 2, 3])
        try pair.harness.turn { pair.server.pongs == 1 }
        [5, 6].withUnsafeBytes { _ = pair.client.ping($0) }
        try pair.harness.turn { pair.delegate.pongs.count == 1 }
    }

    @Test func heartbeatsGoOnWhileTheyAreAnswered() throws {
        let pair = try open { $0.heartbeat = Heartbeat(intervalMilliseconds: 5, answerMilliseconds: 5000) }
        defer { pair.harness.close() }
        try pair.harness.turn { pair.server.pings >= 4 }
        #expect(pair.client.isOpen && pair.delegate.endings.isEmpty)
    }

    @Test func anAnsweredPingTellsWhenItWasSent() throws {
        let pair = try open { $0.heartbeat = Heartbeat(intervalMilliseconds: 5, answerMilliseconds: 5000) }
        defer { pair.harness.close() }
        #expect(pair.client.answeredPingNanoseconds == 0)
        let opened = pair.client.loop.now
        try pair.harness.turn { pair.client.answeredPingNanoseconds > 0 }
        let first = pair.client.answeredPingNanoseconds
        #expect(first >= opened && first <= pair.client.loop.now)
        try pair.harness.turn { pair.client.answeredPingNanoseconds > first }
    }

    @Test func aPongCountsForThePingThatItAnswers() throws {
        let pair = try open { $0.heartbeat = Heartbeat(intervalMilliseconds: 5, answerMilliseconds: 5000) }
        defer { pair.harness.close() }
        pair.server.isPolite = false
        pair.server.loop.schedule(afterNanoseconds: 2_000_000, repeating: true) { [server = pair.server] in
            server.sendText("tick")
        }
        try pair.harness.turn { pair.server.pings >= 3 }
        // Traffic alone answers no ping, nor does a pong that nobody asked for, whatever time it names.
        pair.server.sendFrame(.pong, [])
        pair.server.sendFrame(.pong, [UInt8](repeating: 0xFF, count: 8))
        try pair.harness.turn { pair.delegate.pongs.count == 2 }
        #expect(pair.client.answeredPingNanoseconds == 0)
        // A late pong counts for its own ping, and one for an older ping takes nothing back.
        let payloads = pair.server.pingPayloads
        pair.server.sendFrame(.pong, payloads[1])
        pair.server.sendFrame(.pong, payloads[0])
        try pair.harness.turn { pair.delegate.pongs.count == 4 }
        let sentAt = payloads[1].reduce(0) { $0 << 8 | UInt64($1) }
        #expect(pair.client.answeredPingNanoseconds == sentAt && sentAt > 0)
    }

    @Test func aPeerThatFallsSilentIsUnresponsive() throws {
        let pair = try open { $0.heartbeat = Heartbeat(intervalMilliseconds: 10, answerMilliseconds: 20) }
        defer { pair.harness.close() }
        // As after a pulled cable: nothing arrives there, nothing comes back, and no packet says so.
        pair.server.pauseReading()
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.endings == [.failed(.unresponsive)])
        #expect(pair.client.isClosed)
    }

    @Test func anyTrafficCountsAsAnAnswer() throws {
        let pair = try open { $0.heartbeat = Heartbeat(intervalMilliseconds: 5, answerMilliseconds: 5000) }
        defer { pair.harness.close() }
        pair.server.isPolite = false
        pair.server.loop.schedule(afterNanoseconds: 2_000_000, repeating: true) { [server = pair.server] in
            server.sendText("tick")
        }
        // A second ping is sent only after the first has counted as answered.
        try pair.harness.turn { pair.server.pings >= 3 }
        #expect(pair.delegate.pongs.isEmpty && pair.client.isOpen)
    }

    @Test func theClientClosesCleanly() throws {
        let pair = try open()
        defer { pair.harness.close() }
        pair.client.send(text: "last")
        pair.client.finish(code: 1001, reason: "going")
        pair.client.finish(code: 1000)
        #expect(!pair.client.send(text: "too late") && !pair.client.isOpen)
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.server.messages == ["last"] && pair.server.closes == [1001])
        #expect(pair.delegate.endings == [.closed(code: 1001, reason: "")])
        try pair.harness.turn { pair.server.hasEnded }
    }

    @Test func theServerClosesCleanly() throws {
        let pair = try open()
        defer { pair.harness.close() }
        pair.server.isPolite = false
        pair.server.sendClose(3008, reason: "too slow")
        try pair.harness.turn { !pair.server.closes.isEmpty }
        #expect(pair.server.closes == [3008])
        // The end of the stream is the server's; until then nothing is reported.
        #expect(pair.delegate.endings.isEmpty)
        pair.server.close()
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.endings == [.closed(code: 3008, reason: "too slow")])
    }

    @Test func aServerThatKeepsTheStreamIsLeft() throws {
        let pair = try open { $0.closeTimeoutMilliseconds = 20 }
        defer { pair.harness.close() }
        pair.server.isPolite = false
        pair.server.sendClose(1000)
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.endings == [.closed(code: 1000, reason: "")])
    }

    @Test func aCloseThatIsNotAnsweredTimesOut() throws {
        let pair = try open { $0.closeTimeoutMilliseconds = 20 }
        defer { pair.harness.close() }
        pair.server.isPolite = false
        pair.client.finish()
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.endings == [.failed(.timedOut)])
    }

    @Test func aStreamThatJustEndsIsAFailure() throws {
        let pair = try open()
        defer { pair.harness.close() }
        pair.server.close()
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.endings == [.failed(.endedEarly)])
    }

    @Test(
        arguments: [
            ([0x81, 0x81, 0, 0, 0, 0, 0x41], 1002),
            ([0x83, 0x00], 1002),
            ([0x81, 0x01, 0xFF], 1007),
            ([0x82, 0x7E, 0x04, 0x01], 1009),
        ] as [([UInt8], UInt16)])
    func aServerThatBreaksTheRulesIsTold(frame: [UInt8], code: UInt16) throws {
        let pair = try open { $0.maximumMessageBytes = 1024 }
        defer { pair.harness.close() }
        pair.server.isPolite = false
        pair.server.send(frame)
        try pair.harness.turn { !pair.server.closes.isEmpty }
        #expect(pair.server.closes == [code])
        pair.server.close()
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        guard case .failed(.protocolBroken(let reported, _)) = pair.delegate.endings[0] else {
            Issue.record("ended with \(pair.delegate.endings)")
            return
        }
        #expect(reported == code && pair.delegate.endings.count == 1)
    }

    @Test func aFullQueueRefusesAndKeepsTheConnection() throws {
        let pair = try open { $0.queueByteLimit = 100_000 }
        defer { pair.harness.close() }
        pair.server.pauseReading()
        let message = [UInt8](repeating: 0x61, count: 20_000)
        var taken = 0
        var refusedOnce = false
        for _ in 0..<2000 where !refusedOnce {
            if message.withUnsafeBytes({ pair.client.send(text: $0) }) { taken += 1 } else { refusedOnce = true }
            pair.harness.loop.runOnce(timeoutMilliseconds: 0)
        }
        #expect(refusedOnce && pair.client.isOpen)
        pair.server.resumeReading()
        try pair.harness.turn { pair.server.messages.count == taken }
        #expect(pair.client.send(text: "room again"))
        try pair.harness.turn { pair.server.messages.last == "room again" }
        #expect(pair.server.faults.isEmpty)
    }

    @Test func theDelegateMayCloseInsideItsCallbacks() throws {
        let pair = try open()
        defer { pair.harness.close() }
        pair.delegate.onText = { client, _ in client.close() }
        pair.server.sendText("one")
        pair.server.sendText("two")
        try pair.harness.turn { !pair.delegate.endings.isEmpty }
        #expect(pair.delegate.texts == ["one"])
        #expect(pair.delegate.endings == [.failed(.cancelled)])
    }

    @Test func theDelegateIsLetGoAtTheEnd() throws {
        let harness = try DialHarness { $0.upgrade($1) }
        defer { harness.close() }
        weak var kept: RecordingDelegate?
        do {
            let delegate = RecordingDelegate()
            kept = delegate
            harness.makeDialer().dial(WebSocketRequest(url: try harness.url()), delegate: delegate)
            try harness.turn { delegate.client != nil }
            delegate.clients.removeAll()
        }
        #expect(kept != nil)
        harness.accepted[0].close()
        try harness.turn { kept == nil }
    }

    @Test func manyClientsShareADialerAndADelegate() throws {
        let harness = try DialHarness { channel, head in
            channel.upgrade(head)
            channel.onMessage = { $0.sendText("echo " + $1) }
        }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        var answered = Set<UInt64>()
        delegate.onOpen = { $0.send(text: "\($0.tag)") }
        delegate.onText = { client, text in if text == "echo \(client.tag)" { answered.insert(client.tag) } }
        let dialer = harness.makeDialer()
        var request = WebSocketRequest(url: try harness.url())
        request.openTimeoutMilliseconds = 60_000
        for tag in 0..<300 as Range<UInt64> { dialer.dial(request, tag: tag, delegate: delegate) }
        try harness.turn { answered.count == 300 }
        #expect(delegate.dialErrors.isEmpty)
    }
}
