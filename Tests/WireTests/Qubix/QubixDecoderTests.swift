import Bytes
import Grid
import Testing

@testable import Wire

@Suite("QUBIX dialect: what clients say")
struct QubixDecoderTests {
    private func decode(_ text: String) throws -> QubixMessage { try text.withRaw { try QubixCodec.decode($0) } }

    private func refusal(_ text: String) throws -> WireError {
        try #require(throws: WireError.self, "\(text)") { try decode(text) }
    }

    @Test(
        "INVALID_MESSAGE",
        arguments: [
            ("", ""), ("hello", ""), ("[1]", ""), ("{\"type\":\"ping\"", ""), ("{\"type\":\"ping\"}{}", ""),
            ("{}", "type"), ("{\"type\":7}", "type"), ("{\"type\":null}", "type"),
            ("{\"type\":\"subscribe:provider\"}", "subscriptionId"),
            ("{\"type\":\"subscribe:provider\",\"subscriptionId\":null}", "subscriptionId"),
            ("{\"type\":\"subscribe:provider\",\"subscriptionId\":7}", "subscriptionId"),
            ("{\"type\":\"subscribe:provider\",\"subscriptionId\":\"\"}", "subscriptionId"),
            ("{\"type\":\"subscribe:provider\",\"subscriptionId\":\"provider:\"}", "subscriptionId"),
            ("{\"type\":\"subscribe:job\"}", "subscriptionId"),
            ("{\"type\":\"subscribe:job\",\"subscriptionId\":[\"a\"]}", "subscriptionId"),
            ("{\"type\":\"unsubscribe\"}", "subscriptionId"),
        ])
    func invalidMessage(text: String, field: String) throws {
        let error = try refusal(text)
        #expect(error.refusal.code == .invalidMessage)
        #expect(error.field == field)
    }

    @Test(
        "UNKNOWN_TYPE, of types that only the server says too",
        arguments: [
            "", "subscribe", "subscribe:nodes", "Ping", "pong", "subscribed", "error", "PROVIDER_REGISTERED",
            "JOB_COMPLETED", "authenticate",
        ])
    func unknownType(_ type: String) throws {
        #expect(try refusal("{\"type\":\"\(type)\"}").refusal.code == .unknownType)
    }

    @Test("A job's name is bounded")
    func longNames() throws {
        func subscribe(_ kind: String, _ bytes: Int) throws -> QubixMessage {
            let name = String(repeating: "n", count: bytes)
            return try decode("{\"type\":\"subscribe:\(kind)\",\"subscriptionId\":\"\(name)\"}")
        }
        for kind in ["job", "provider"] {
            _ = try subscribe(kind, Limits.jobIDBytes)
            #expect(throws: WireError.self) { try subscribe(kind, Limits.jobIDBytes + 1) }
        }
    }

    @Test("Keys come in any order, and others are passed over")
    func keys() throws {
        let text = "{\"data\":{\"x\":[1]},\"subscriptionId\":\"j\",\"timestamp\":7,\"type\":\"subscribe:job\"}"
        #expect(try decode(text) == .subscribe(.job("j")))
        #expect(try decode("{\"type\":\"ping\",\"subscriptionId\":\"unused\"}") == .ping)
    }
}
