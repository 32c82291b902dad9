import Bytes
import Grid
import Testing

@testable import Wire

@Suite("NeuroGraph dialect: what clients say")
struct NeuroGraphDecoderTests {
    private func decode(_ text: String) throws -> NeuroGraphMessage {
        try text.withRaw { try NeuroGraphCodec.decode($0) }
    }

    private func refusal(_ text: String) throws -> WireError {
        try #require(throws: WireError.self, "\(text)") { try decode(text) }
    }

    @Test(
        "INVALID_MESSAGE",
        arguments: [
            ("", ""), ("hello", ""), ("[1]", ""), ("{\"type\":\"ping\"", ""), ("{\"type\":\"ping\"}{}", ""),
            ("{}", "type"), ("{\"type\":7}", "type"), ("{\"type\":null}", "type"),
            ("{\"type\":\"subscribe\"}", "channels"), ("{\"type\":\"unsubscribe\"}", "channels"),
            ("{\"type\":\"subscribe\",\"channels\":null}", "channels"),
            ("{\"type\":\"subscribe\",\"channels\":\"metrics\"}", "channels"),
            ("{\"type\":\"subscribe\",\"channels\":{}}", "channels"),
            ("{\"type\":\"subscribe\",\"channels\":[]}", "channels"),
            ("{\"type\":\"subscribe\",\"channels\":[7]}", "channels"),
            ("{\"type\":\"subscribe\",\"channels\":[\"metrics\",null]}", "channels"),
            ("{\"channels\":[[\"metrics\"]],\"type\":\"unsubscribe\"}", "channels"),
        ])
    func invalidMessage(text: String, field: String) throws {
        let error = try refusal(text)
        #expect(error.refusal.code == .invalidMessage)
        #expect(error.field == field)
    }

    @Test("A name that is no channel's is refused with those that are", arguments: ["", "Metrics", "metric", "*", "é"])
    func unknownChannel(_ name: String) throws {
        let error = try refusal("{\"type\":\"subscribe\",\"channels\":[\"logs\",\"\(name)\"]}")
        #expect(error.refusal.code == .unknownRoom)
        for channel in EventChannel.allCases { #expect(error.refusal.message.contains(channel.name)) }
    }

    @Test(
        "UNKNOWN_TYPE, of types that only the server says too",
        arguments: ["", "Subscribe", "pong", "subscribed", "connected", "error", "system_metrics", "authenticate"])
    func unknownType(_ type: String) throws {
        #expect(try refusal("{\"type\":\"\(type)\"}").refusal.code == .unknownType)
    }

    @Test("A channel that is named twice is one, and its place is the first")
    func doubles() throws {
        let text = "{\"type\":\"subscribe\",\"channels\":[\"logs\",\"metrics\",\"logs\",\"m\\u0065trics\"]}"
        #expect(try decode(text) == .subscribe([.logs, .metrics]))
    }

    @Test("The number of names is bounded")
    func manyNames() throws {
        func names(_ count: Int) -> String {
            let list = Array(repeating: "\"logs\"", count: count).joined(separator: ",")
            return "{\"type\":\"subscribe\",\"channels\":[\(list)]}"
        }
        #expect(try decode(names(64)) == .subscribe([.logs]))
        #expect(try refusal(names(65)).refusal.code == .invalidMessage)
    }

    @Test("Keys come in any order, others are passed over, and what a message does not have may be anything")
    func keys() throws {
        let text = "{\"data\":{\"x\":[1]},\"channels\":[\"logs\"],\"timestamp\":7,\"type\":\"unsubscribe\"}"
        #expect(try decode(text) == .unsubscribe([.logs]))
        #expect(try decode("{\"type\":\"ping\",\"channels\":7}") == .ping)
        #expect(try decode("{\"channels\":[\"nosuch\"],\"type\":\"get_subscriptions\"}") == .getSubscriptions)
    }

    @Test(
        "What only this dialect has decides a connection",
        arguments: [
            ("{\"type\":\"subscribe\",\"channels\":[\"metrics\"]}", true),
            ("{\"channels\":[\"nosuch\"],\"type\":\"unsubscribe\"}", true), ("{\"type\":\"get_subscriptions\"}", true),
            ("{\"type\":\"ping\"}", false), ("{\"type\":\"subscribe\"}", false),
            ("{\"type\":\"authenticate\",\"data\":{\"token\":\"x\"}}", false),
            ("{\"type\":\"join_room\",\"channels\":[]}", false), ("{\"channels\":[]}", false), ("[]", false),
            ("", false), ("{\"type\":\"subscribe\",\"channels\":[", false), ("{\"type\":null,\"channels\":[]}", false),
        ])
    func decisive(_ text: String, _ isDecisive: Bool) {
        #expect(text.withRaw { NeuroGraphCodec.isDecisive($0) } == isDecisive)
    }
}
