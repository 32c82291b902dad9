import Testing

@testable import Web

@Suite("permessage-deflate agreements")
struct WebSocketDeflateTests {
    private static let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @Test(
        "the first offer that can be kept to is taken",
        arguments: [
            (["permessage-deflate"], plain, 15),
            ([WebSocketDeflate.offer], plain, 15),
            (["permessage-deflate; client_max_window_bits"], plain, 15),
            (["permessage-deflate; client_max_window_bits=9"], plain, 15),
            (["permessage-deflate; server_max_window_bits=9"], plain + "; server_max_window_bits=9", 9),
            (["permessage-deflate; server_max_window_bits=15"], plain + "; server_max_window_bits=15", 15),
            (["x-webkit-deflate-frame", "permessage-deflate"], plain, 15),
            (["permessage-deflate; mux=1", "permessage-deflate; server_max_window_bits"], nil, 0),
            (["permessage-deflate; mux=1", "permessage-deflate"], plain, 15),
            (
                [
                    "permessage-deflate; server_max_window_bits=8",
                    "permessage-deflate; server_max_window_bits=12", "permessage-deflate",
                ], plain + "; server_max_window_bits=12", 12
            ),
            (["permessage-deflate; server_max_window_bits=8"], nil, 0),
            ([], nil, 0),
        ] as [([String], String?, Int)])
    func accepts(offers: [String], answer: String?, windowBits: Int) {
        let deflate = WebSocketDeflate.accepted(from: offers)
        #expect(deflate?.answer == answer)
        #expect(deflate?.windowBits ?? 0 == windowBits)
    }

    @Test("what a server answers its own offer with, a client agrees to")
    func agreesWithItself() throws {
        let answer = try #require(WebSocketDeflate.accepted(from: [WebSocketDeflate.offer])).answer
        #expect(try WebSocketDeflate.agreed(by: [answer])?.windowBits == 15)
        #expect(try WebSocketDeflate.agreed(by: []) == nil)
    }

    @Test(
        "an answer may leave out the client's half and name the server's window",
        arguments: [
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=8",
        ])
    func agrees(answer: String) throws { #expect(try WebSocketDeflate.agreed(by: [answer])?.windowBits == 15) }

    @Test("an answer may limit the client's window", arguments: 8...15)
    func limitsTheClient(bits: Int) throws {
        let answer = "permessage-deflate; server_no_context_takeover; client_max_window_bits=\(bits)"
        #expect(try WebSocketDeflate.agreed(by: [answer])?.windowBits == bits)
    }

    @Test(
        "an answer that was not asked for fails the handshake",
        arguments: [
            ["permessage-deflate"],
            ["permessage-deflate; client_no_context_takeover"],
            ["permessage-deflate; server_no_context_takeover; client_max_window_bits"],
            ["permessage-deflate; server_no_context_takeover; client_max_window_bits=7"],
            ["permessage-deflate; server_no_context_takeover; server_max_window_bits"],
            ["permessage-deflate; server_no_context_takeover; mux"],
            ["permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"],
            ["permessage-deflate; server_no_context_takeover", "mux"],
            ["mux"],
        ])
    func fails(extensions: [String]) {
        #expect(throws: WebSocketHandshakeError.unexpectedExtension) {
            try WebSocketDeflate.agreed(by: extensions)
        }
    }
}
