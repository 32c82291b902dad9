import Bytes
import Grid
import Testing

@testable import Wire

@Suite("TriggerX dialect: what clients say")
struct TriggerXDecoderTests {
    private func refusal(_ text: String) throws -> WireError {
        try #require(throws: WireError.self, "\(text)") { try text.withRaw { try TriggerXCodec.decode($0) } }
    }

    @Test(
        "INVALID_MESSAGE",
        arguments: [
            ("", ""), ("hello", ""), ("[1]", ""), ("{\"type\":\"SUBSCRIBE\"", ""), ("{}", "type"),
            ("{\"type\":7}", "type"), ("{\"type\":null}", "type"), ("{\"type\":\"SUBSCRIBE\"}", "data"),
            ("{\"type\":\"SUBSCRIBE\",\"data\":null}", "data"), ("{\"type\":\"SUBSCRIBE\",\"data\":[]}", "data"),
            ("{\"type\":\"SUBSCRIBE\",\"data\":{}}", "data.room"),
            ("{\"type\":\"SUBSCRIBE\",\"data\":{\"room\":null}}", "data.room"),
            ("{\"type\":\"SUBSCRIBE\",\"data\":{\"room\":7}}", "data.room"),
            ("{\"type\":\"UNSUBSCRIBE\",\"data\":{\"job_id\":\"1\"}}", "data.room"),
        ])
    func invalidMessage(text: String, field: String) throws {
        let error = try refusal(text)
        #expect(error.refusal.code == .invalidMessage && error.field == field)
        #expect(TriggerXError(error.refusal).code == .invalidMessage)
    }

    @Test(
        "Types that only the server says, and those that nobody does, are INVALID_MESSAGE too",
        arguments: ["", "subscribe", "ping", "SUBSCRIBED", "ERROR", "TASK_CREATED", "TASK_UPDATED", "authenticate"])
    func unknownType(_ type: String) throws {
        let refusal = try refusal("{\"type\":\"\(type)\",\"data\":{\"room\":\"job:1\"}}").refusal
        #expect(refusal.code == .unknownType && TriggerXError(refusal).code == .invalidMessage)
    }

    @Test("Keys come in any order, and what stands beside the room is passed over")
    func keys() throws {
        let text = "{\"more\":[1],\"data\":{\"job_id\":7,\"room\":\"job:1\",\"x\":{}},\"type\":\"SUBSCRIBE\"}"
        #expect(try text.withRaw { try TriggerXCodec.decode($0) } == .subscribe(room: "job:1"))
    }
}
