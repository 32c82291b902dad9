import COpenSSL
import Glibc
import TestCertificates
import Testing

@testable import Reactor

struct TLSContextTests {
    @Test(arguments: ["localhost", "127.0.0.1"])
    func aServerProvesNameAndAddress(name: String) throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.securePair(
            server: TestTLS.server(), client: TestTLS.client(), serverName: name)
        client.send([1])
        try harness.turn { server.bytes == [1] }
    }

    @Test(arguments: [
        ("example.test", X509_V_ERR_HOSTNAME_MISMATCH), ("127.0.0.2", X509_V_ERR_IP_ADDRESS_MISMATCH),
        ("::1", X509_V_ERR_IP_ADDRESS_MISMATCH),
    ])
    func anotherNameIsRefused(name: String, code: Int32) throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.securePair(
            server: TestTLS.server(), client: TestTLS.client(), serverName: name)
        client.send([1])
        try harness.turn { client.isClosed && server.isClosed }
        guard case .tls(.certificate(let found, let reason)) = client.causes.first else {
            Issue.record("closed with \(client.causes)")
            return
        }
        #expect(found == code && reason.contains("mismatch"))
        // The server heard why: 42, bad certificate.
        #expect(server.causes == [.tls(.alert(42))] && server.bytes.isEmpty)
    }

    @Test func anAuthorityOfItsOwnIsNotTrusted() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.securePair(
            server: TestTLS.server(), client: TLSContext(client: .system))
        try harness.turn { client.isClosed && server.isClosed }
        guard case .tls(.certificate(let code, _)) = client.causes.first else {
            Issue.record("closed with \(client.causes)")
            return
        }
        #expect(code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
        #expect(server.causes == [.tls(.alert(48))])
    }

    @Test func anExpiredCertificateIsRefused() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let identity = try TestTLS.identity(TestTLS.folder.get().issue("expired", days: -1))
        #expect(identity.notAfter < time(nil) && identity.notAfter > 0)
        let (server, client) = try harness.securePair(
            server: TLSContext(server: identity), client: TestTLS.client())
        try harness.turn { client.isClosed && server.isClosed }
        guard case .tls(.certificate(X509_V_ERR_CERT_HAS_EXPIRED, _)) = client.causes.first else {
            Issue.record("closed with \(client.causes)")
            return
        }
    }

    @Test(arguments: [false, true])
    func aClientsCertificateIsSeen(isPresented: Bool) throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let (server, client) = try harness.securePair(
            server: TestTLS.server(clientAuthorities: TestTLS.folder.get().authority),
            client: TestTLS.client(withCertificate: isPresented))
        client.send([1])
        try harness.turn { server.bytes == [1] }
        #expect(server.hasPeerCertificate == isPresented)
    }

    @Test func aClientsCertificateOfAStrangerEndsTheHandshake() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let stranger = try CertificateFolder()
        let identity = try TestTLS.identity(stranger.issue("stranger", usage: "clientAuth"))
        let (server, client) = try harness.securePair(
            server: TestTLS.server(clientAuthorities: TestTLS.folder.get().authority),
            client: TLSContext(client: .file(TestTLS.folder.get().authority), identity: identity))
        client.send([1])
        try harness.turn { client.isClosed && server.isClosed }
        guard case .tls(.certificate) = server.causes.first else {
            Issue.record("closed with \(server.causes)")
            return
        }
        // In TLS 1.3 the client is done before it is judged; it learns of it all the same: 48, unknown authority.
        #expect(client.causes == [.tls(.alert(48))] && server.bytes.isEmpty)
    }

    @Test func aServersCertificateIsNoClients() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let identity = try TestTLS.identity(TestTLS.folder.get().issue("wrong-usage"))
        let (server, client) = try harness.securePair(
            server: TestTLS.server(clientAuthorities: TestTLS.folder.get().authority),
            client: TLSContext(client: .file(TestTLS.folder.get().authority), identity: identity))
        try harness.turn { client.isClosed && server.isClosed }
        guard case .tls(.certificate(X509_V_ERR_INVALID_PURPOSE, _)) = server.causes.first else {
            Issue.record("closed with \(server.causes)")
            return
        }
    }

    @Test("a client comes back with a ticket, once for each session, and is who it was", arguments: [false, true])
    func resumption(withCertificate: Bool) throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let authority = try TestTLS.folder.get().authority
        let server = try TestTLS.server(clientAuthorities: withCertificate ? authority : nil)
        let client = try TestTLS.client(withCertificate: withCertificate)
        var accepted: RecordingChannel?
        var resumptions: [UInt64] = []
        // Sessions are kept by host and port, so all connections go to one listener.
        let address = try harness.listen { [loop = harness.loop] descriptor, _ in
            let channel = RecordingChannel(fileDescriptor: descriptor)
            channel.secure(with: server)
            channel.echoes = true
            loop.adopt(channel)
            accepted = channel
        }
        for _ in 0..<3 {
            var connected: RecordingChannel?
            Connector.connect(to: address, on: harness.loop, timeoutNanoseconds: 10_000_000_000) { result in
                guard let descriptor = try? result.get() else { return }
                let channel = RecordingChannel(fileDescriptor: descriptor)
                channel.secure(with: client, serverName: "localhost", port: 1)
                harness.loop.adopt(channel)
                channel.send([1])
                connected = channel
            }
            try harness.turn { connected?.bytes == [1] }
            #expect(accepted?.hasPeerCertificate == withCertificate && connected?.hasPeerCertificate == true)
            resumptions.append(harness.loop.statistics.tlsResumptions)
            connected?.close()
            try harness.turn { harness.loop.channelCount == 0 }
        }
        // Both ends of a resumed connection count it.
        #expect(resumptions == [0, 2, 4])
    }

    @Test func onlyAStrangersProtocolIsRefused() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let client = try TestTLS.client()
        let offer: [UInt8] = [2] + Array("h2".utf8)
        #expect(SSL_CTX_set_alpn_protos(client.pointer, offer, UInt32(offer.count)) == 0)
        let (server, channel) = try harness.securePair(server: TestTLS.server(), client: client)
        try harness.turn { server.isClosed && channel.isClosed }
        #expect(channel.causes == [.tls(.alert(120))])
        guard case .tls(.handshake) = server.causes.first else {
            Issue.record("closed with \(server.causes)")
            return
        }
    }
}
