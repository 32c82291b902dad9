import COpenSSL
import Glibc
import TestCertificates
import Testing

@testable import Reactor

struct TLSSessionTests {
    @Test func plaintextGoesBothWaysAndTheServerIsNotAskedForMore() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.securePair(server: TestTLS.server(), client: TestTLS.client())
        server.echoes = true
        // Said before the handshake has begun.
        client.send(Array("hello".utf8))
        try harness.turn { client.text == "hello" }
        #expect(server.text == "hello" && server.pieces == 1)
        #expect(server.isSecure && !server.hasPeerCertificate && client.hasPeerCertificate)
        #expect(harness.loop.statistics.tlsHandshakes == 2 && harness.loop.statistics.tlsFailures == 0)
    }

    @Test func whatIsOnTheWireIsNotThePlaintext() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        server.pauseReading()
        let secret = Array("a token that nobody may read".utf8)
        client.send(secret)
        try harness.turn { server.state.contains(.inputPending) }
        var wire = [UInt8](repeating: 0, count: 4096)
        let count = recv(server.fileDescriptor, &wire, wire.count, Int32(MSG_PEEK))
        #expect(count > secret.count && wire[0] == 23)
        #expect(!wire.prefix(count).contains(secret))
        server.resumeReading()
        try harness.turn { server.bytes == secret }
    }

    @Test func aGoodbyeIsAnEndAndTheOtherHalfStaysOpen() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        server.staysAfterEnd = true
        client.send(Array("question".utf8))
        client.closeAfterFlush()
        try harness.turn { server.ends == 1 }
        #expect(server.text == "question" && !server.isClosed && !client.isClosed)
        #expect(server.send(Array("answer".utf8)))
        server.closeAfterFlush()
        try harness.turn { server.isClosed && client.isClosed }
        #expect(client.causes == [.local] && server.causes == [.local])
        #expect(server.ends == 1)
    }

    @Test func aServerForgivesAMissingGoodbyeAndStillAnswers() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        server.staysAfterEnd = true
        client.send(Array("question".utf8))
        try harness.turn { server.text == "question" }
        shutdown(client.fileDescriptor, Int32(SHUT_WR))
        try harness.turn { server.ends == 1 }
        server.send(Array("answer".utf8))
        try harness.turn { client.text == "answer" }
    }

    @Test func aClientIsToldOfAStreamThatWasCutOff() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        server.send(Array("half an ans".utf8))
        try harness.turn { client.text == "half an ans" }
        shutdown(server.fileDescriptor, Int32(SHUT_WR))
        try harness.turn { client.isClosed }
        #expect(client.causes == [.tls(.truncated)] && client.ends == 0)
    }

    @Test func anImmediateCloseSaysGoodbyeToo() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        server.close()
        try harness.turn { client.isClosed }
        #expect(client.causes == [.endOfStream] && client.ends == 1)
    }

    @Test func dataAndGoodbyeInOneReadAreBothHeard() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        client.pauseReading()
        server.send(Array("last words".utf8))
        _ = server.flushNow()
        server.close()
        try harness.turn { client.state.contains(.inputPending) }
        #expect(client.bytes.isEmpty && !client.isClosed)
        client.resumeReading()
        try harness.turn { client.isClosed }
        #expect(client.text == "last words" && client.causes == [.endOfStream])
    }

    @Test func aResetIsAFailure() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client.fileDescriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        client.close()
        try harness.turn { server.isClosed }
        guard case .failed = server.causes.first else {
            // The goodbye before the reset may have been read first.
            #expect(server.causes == [.endOfStream])
            return
        }
    }

    @Test func aSuccessorTakesTheSession() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        var successor: RecordingChannel?
        server.onReceived = { channel in
            let next = RecordingChannel(fileDescriptor: channel.fileDescriptor)
            channel.handOver(to: next)
            successor = next
        }
        client.send([1])
        try harness.turn { successor != nil }
        client.send([2])
        try harness.turn { successor?.bytes == [2] }
        successor?.send([3])
        try harness.turn { client.bytes == [3] }
        #expect(server.bytes == [1] && server.causes.isEmpty && !server.isSecure)
    }

    @Test func aChannelMayCloseItselfWhileItReceives() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.establishedPair()
        server.onReceived = { $0.close() }
        client.send([UInt8](repeating: 1, count: 100_000))
        try harness.turn { server.isClosed && client.isClosed }
        #expect(server.pieces == 1 && server.causes == [.local])
    }

    // MARK: Who comes in

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST /x HTTP/1.1\r\n\r\n"])
    func plainHTTPIsTurnedAway(request: String) throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (channel, peer) = try harness.secureChannelWithRawPeer()
        peer.write(request)
        try harness.turn { channel.isClosing }
        peer.close()
        try harness.turn { channel.isClosed }
        #expect(channel.causes == [.tls(.plainHTTP)] && channel.pieces == 0)
        #expect(harness.loop.statistics.tlsFailures == 1)
    }

    @Test func garbageIsTurnedAwayWhateverItIs() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var random = SeededRandom(seed: 5)
        for round in 0..<64 {
            let (channel, peer) = try harness.secureChannelWithRawPeer()
            var bytes = (0..<random.next() % 400 + 6).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Every other one begins as a handshake record does.
            if round % 2 == 0 { bytes.replaceSubrange(0..<6, with: [22, 3, 1, 0, UInt8(bytes.count & 127), 1]) }
            peer.write(bytes)
            peer.shutdownWriting()
            try harness.turn("round \(round)") { channel.isClosed }
            #expect(channel.pieces == 0 && channel.causes.count == 1)
            peer.close()
        }
    }

    @Test func aHelloMayComeByteByByte() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let hello = try recordedHello(harness)
        let (channel, peer) = try harness.secureChannelWithRawPeer()
        for byte in hello {
            peer.write([byte])
            harness.loop.runOnce(timeoutMilliseconds: 1000)
        }
        // The server's hello: a handshake record.
        let answer = try #require(peer.read())
        #expect(answer.first == 22 && !channel.isClosed)
        peer.close()
        try harness.turn { channel.isClosed }
        #expect(channel.causes == [.endOfStream])
    }

    @Test func aHandshakeThatDoesNotComeEndsAtTheDeadline() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let hello = try recordedHello(harness)
        let (channel, peer) = try harness.secureChannelWithRawPeer()
        channel.deadline = harness.loop.now + 20_000_000
        peer.write(Array(hello.prefix(100)))
        try harness.turn { channel.isClosed }
        #expect(channel.causes == [.deadline] && channel.deadlines == 1)
        peer.close()
    }

    /// What our client says first.
    private func recordedHello(_ harness: LoopHarness) throws -> [UInt8] {
        var accepted: RecordingChannel?
        let address = try harness.listen { [loop = harness.loop] descriptor, _ in
            let channel = RecordingChannel(fileDescriptor: descriptor)
            loop.adopt(channel)
            accepted = channel
        }
        var client: RecordingChannel?
        let context = try TestTLS.client()
        Connector.connect(to: address, on: harness.loop, timeoutNanoseconds: 10_000_000_000) { result in
            guard let descriptor = try? result.get() else { return }
            let channel = RecordingChannel(fileDescriptor: descriptor)
            channel.secure(with: context, serverName: "localhost", port: 1)
            harness.loop.adopt(channel)
            client = channel
        }
        try harness.turn("a hello") {
            guard let bytes = accepted?.bytes, bytes.count > 5 else { return false }
            return bytes.count == 5 + Int(bytes[3]) << 8 + Int(bytes[4])
        }
        client?.close()
        accepted?.close()
        return accepted?.bytes ?? []
    }
}

extension [UInt8] {
    /// Whether `other` stands somewhere in these bytes.
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        count >= other.count && (0...(count - other.count)).contains { self[$0..<($0 + other.count)] == other[...] }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(_ other: [UInt8]) -> Bool { Array(self).contains(other) }
}
