import Glibc
import TestCertificates
import Testing

@testable import Reactor

/// The certificates of these tests: made once, whatever needs them.
enum TestTLS {
    static let folder = Result { try CertificateFolder() }
    private static let server = Result { try folder.get().issue("server") }
    private static let client = Result { try folder.get().issue("client", usage: "clientAuth") }

    static func identity(_ pair: CertificateFolder.Pair) throws -> TLSIdentity {
        try TLSIdentity(certificateFile: pair.certificate, keyFile: pair.key)
    }

    static func server(clientAuthorities: String? = nil) throws -> TLSContext {
        try TLSContext(server: identity(server.get()), clientAuthorities: clientAuthorities)
    }

    static func client(withCertificate: Bool = false) throws -> TLSContext {
        try TLSContext(
            client: .file(folder.get().authority), identity: withCertificate ? identity(client.get()) : nil)
    }
}

extension LoopHarness {
    /// Two channels of the loop that speak TLS with each other over TCP. The handshake may still be on its way.
    ///
    /// - Parameter prepare: called for both sockets before anything is said.
    func securePair(
        server: TLSContext, client: TLSContext, serverName: String = "localhost", prepare: (Int32) -> Void = { _ in }
    ) throws -> (server: RecordingChannel, client: RecordingChannel) {
        var accepted: RecordingChannel?
        let address = try listen { [loop] descriptor, peer in
            let channel = RecordingChannel(fileDescriptor: descriptor, peer: peer)
            channel.secure(with: server)
            accepted = channel
            loop.adopt(channel)
        }
        var connected: Int32?
        Connector.connect(to: address, on: loop, timeoutNanoseconds: 10_000_000_000) { connected = try? $0.get() }
        try turn("connected") { connected != nil && accepted != nil }
        let dialled = RecordingChannel(fileDescriptor: try #require(connected))
        let answering = try #require(accepted)
        prepare(dialled.fileDescriptor)
        prepare(answering.fileDescriptor)
        dialled.secure(with: client, serverName: serverName, port: address.port ?? 0)
        loop.adopt(dialled)
        return (answering, dialled)
    }

    /// As ``securePair(server:client:serverName:prepare:)`` with the tests' own certificates and the handshake done.
    func establishedPair() throws -> (server: RecordingChannel, client: RecordingChannel) {
        let pair = try securePair(server: TestTLS.server(), client: TestTLS.client())
        try turn("handshakes") { loop.statistics.tlsHandshakes == 2 }
        return pair
    }

    /// A channel that speaks TLS as a server, and a peer that says what the test wants.
    func secureChannelWithRawPeer() throws -> (channel: RecordingChannel, peer: PeerSocket) {
        let context = try TestTLS.server()
        return try pair {
            let channel = RecordingChannel(fileDescriptor: $0)
            channel.secure(with: context)
            return channel
        }
    }
}
