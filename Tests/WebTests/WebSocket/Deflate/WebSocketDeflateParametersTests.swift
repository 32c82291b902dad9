import Testing

@testable import Web

@Suite("permessage-deflate parameters")
struct WebSocketDeflateParametersTests {
    @Test("every parameter, in any case, with blanks and quotes")
    func reads() throws {
        let all = try #require(
            WebSocketDeflateParameters(
                """
                Permessage-Deflate;server_no_context_takeover ;\tClient_No_Context_Takeover; \
                server_max_window_bits = 10;client_max_window_bits="15"
                """))
        var expected = WebSocketDeflateParameters()
        expected.serverNoContextTakeover = true
        expected.clientNoContextTakeover = true
        expected.serverMaxWindowBits = 10
        expected.clientMaxWindowBits = .bits(15)
        #expect(all == expected)
        #expect(WebSocketDeflateParameters("permessage-deflate") == WebSocketDeflateParameters())
        #expect(
            WebSocketDeflateParameters("permessage-deflate; client_max_window_bits")?.clientMaxWindowBits == .unsized)
    }

    @Test(
        "what is malformed, repeated, unknown or another extension is none",
        arguments: [
            "", ";", "x-webkit-deflate-frame", "permessage-deflate2", "permessage-deflate=1", "permessage-deflate;",
            "permessage-deflate;;server_no_context_takeover", "permessage-deflate; mux", "permessage-deflate; =8",
            "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=",
            "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08", "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            "permessage-deflate; client_max_window_bits=0", "permessage-deflate; client_max_window_bits=\"10",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            "permessage-deflate; client_max_window_bits=9=9", "permessage-deflate; client_max_window_bits=\"\"",
        ])
    func refuses(element: String) { #expect(WebSocketDeflateParameters(element) == nil) }
}
