import Foundation
import Reactor
import TestCertificates
import Testing
import Web

@testable import Dial

struct ClientSecurityTests {
    private static let folder = Result { try CertificateFolder() }
    private static let pair = Result { try folder.get().issue("server") }

    private func harness(
        serve: @escaping (ServerChannel, HTTPRequestHead) -> Void
    ) throws -> DialHarness {
        let pair = try Self.pair.get()
        let identity = try TLSIdentity(certificateFile: pair.certificate, keyFile: pair.key)
        return try DialHarness(tls: TLSContext(server: identity), serve: serve)
    }

    private func trust() throws -> TLSContext { try TLSContext(client: .file(Self.folder.get().authority)) }

    @Test func aWebSocketGoesThroughTLS() throws {
        let harness = try harness { $0.upgrade($1) }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        let dialer = harness.makeDialer(tls: try trust())
        dialer.dial(WebSocketRequest(url: try harness.url("/ws", host: "localhost")), delegate: delegate)
        try harness.turn { delegate.client != nil }
        let text = String(repeating: "long ", count: 50_000)
        harness.accepted.first?.onMessage = { channel, message in channel.sendText(message) }
        #expect(delegate.client?.send(text: text) == true)
        try harness.turn { delegate.texts == [text] }
        delegate.client?.finish()
        try harness.turn { delegate.endings.count == 1 }
        #expect(delegate.endings == [.closed(code: 1000, reason: "")])
    }

    @Test func aRequestGoesThroughTLS() throws {
        let harness = try harness { channel, _ in
            channel.sendRaw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        }
        defer { harness.close() }
        var outcome: Result<HTTPResponse, DialError>?
        harness.makeHTTPClient(tls: try trust()).send(HTTPRequest(url: try harness.url("/"))) { outcome = $0 }
        try harness.turn { outcome != nil }
        #expect(try outcome?.get().text == "hello")
    }

    @Test func aBodyThatIsCutOffIsNoResponse() throws {
        // Without a length the end of the stream is the end of the body: only TLS tells that it was cut off.
        let harness = try harness { channel, _ in channel.sendRaw("HTTP/1.1 200 OK\r\n\r\nhalf") }
        defer { harness.close() }
        var outcome: Result<HTTPResponse, DialError>?
        harness.makeHTTPClient(tls: try trust()).send(HTTPRequest(url: try harness.url("/"))) { outcome = $0 }
        try harness.turn { harness.accepted.first?.heads.count == 1 }
        harness.turnOnce()
        shutdown(harness.accepted[0].fileDescriptor, Int32(SHUT_WR))
        try harness.turn { outcome != nil }
        guard case .failure(.tls(.truncated)) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
    }

    @Test(arguments: [false, true])
    func whoIsNotBelievedIsNotSpokenTo(isAnotherName: Bool) throws {
        let harness = try harness { $0.upgrade($1) }
        defer { harness.close() }
        let delegate = RecordingDelegate()
        // The machine's own store does not know the tests' authority; and the certificate is not for ::ffff:7f00:1.
        let dialer = harness.makeDialer(tls: isAnotherName ? try trust() : nil)
        let host = isAnotherName ? "[::ffff:127.0.0.1]" : "localhost"
        dialer.dial(WebSocketRequest(url: try harness.url("/ws", host: host)), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        guard case .tls(.certificate(_, let reason)) = delegate.dialErrors.first else {
            Issue.record("\(delegate.dialErrors)")
            return
        }
        #expect(reason.contains(isAnotherName ? "IP address mismatch" : "unable to get local issuer"))
        #expect(delegate.clients.isEmpty && harness.accepted.allSatisfy { $0.heads.isEmpty })
    }

    @Test func aServerThatSpeaksPlainlyIsNotOpened() throws {
        let harness = try DialHarness { _, _ in }
        let listener = try Listener(address: .ipv4(0x7F00_0001, port: 0), on: harness.loop) { descriptor, _ in
            harness.loop.adopt(BluntChannel(fileDescriptor: descriptor))
        }
        defer {
            listener.close()
            harness.close()
        }
        let delegate = RecordingDelegate()
        let url = try ServiceURL(parsing: "wss://localhost:\(listener.boundAddress.port ?? 0)/")
        harness.makeDialer(tls: try trust()).dial(WebSocketRequest(url: url), delegate: delegate)
        try harness.turn { !delegate.dialErrors.isEmpty }
        guard case .tls(.handshake) = delegate.dialErrors.first else {
            Issue.record("\(delegate.dialErrors)")
            return
        }
    }
}

/// A server that answers whatever it hears in plain text.
private final class BluntChannel: Channel {
    override func received(_ bytes: UnsafeMutableRawBufferPointer) {
        send(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8))
    }
}
