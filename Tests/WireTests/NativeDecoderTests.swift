import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: what clients say wrong")
struct NativeDecoderTests {
    private func refusal(_ text: String) throws -> WireError {
        try #require(throws: WireError.self, "\(text)") { try text.withRaw { try NativeCodec.decode($0) } }
    }

    @Test(
        "INVALID_MESSAGE",
        arguments: [
            ("", ""), ("hello", ""), ("[1]", ""), ("{\"type\":\"ping\"", ""), ("{\"type\":\"ping\"}{}", ""),
            ("{\"data\":{}}", "type"), ("{\"type\":7,\"data\":{}}", "type"), ("{\"type\":\"authenticate\"}", "data"),
            ("{\"type\":\"authenticate\",\"data\":null}", "data"),
            ("{\"type\":\"authenticate\",\"data\":\"t\"}", "data"),
            ("{\"type\":\"authenticate\",\"data\":{}}", "data.token"),
            ("{\"type\":\"authenticate\",\"data\":{\"token\":5}}", "data.token"),
            ("{\"type\":\"join_room\",\"data\":{\"room\":[\"nodes\"]}}", "data.room"),
            ("{\"type\":\"join_room\",\"data\":{}}", "data.room"),
            ("{\"type\":\"join_room\",\"data\":{\"room\":\"nodes\",\"since\":5}}", "data.since"),
            ("{\"type\":\"join_room\",\"data\":{\"room\":\"nodes\",\"since\":{\"epoch\":1}}}", "data.since.offset"),
            (
                "{\"type\":\"join_room\",\"data\":{\"room\":\"nodes\",\"since\":{\"epoch\":-1,\"offset\":1}}}",
                "data.since.epoch"
            ),
            ("{\"type\":\"leave_room\",\"data\":{\"room\":true}}", "data.room"), ("{\"type\":\"\\ud800\"}", ""),
        ])
    func invalidMessage(text: String, field: String) throws {
        let error = try refusal(text)
        #expect(error.refusal.code == .invalidMessage)
        #expect(error.field == field)
    }

    @Test("A room's name is bounded")
    func longRoom() throws {
        let name = String(repeating: "r", count: Limits.roomNameBytes + 1)
        #expect(try refusal("{\"type\":\"join_room\",\"data\":{\"room\":\"\(name)\"}}").field == "data.room")
    }

    @Test(
        "UNKNOWN_TYPE, of types that only the server says too",
        arguments: [
            "", "Ping", "subscribe", "auth_response", "connected", "node_metrics", "node_status", "room_joined",
            "error",
            "rate_limit_exceeded", "pong",
        ])
    func unknownType(_ type: String) throws {
        #expect(try refusal("{\"type\":\"\(type)\",\"data\":{}}").refusal.code == .unknownType)
    }

    @Test("Any name is a room's until the coordinator says otherwise")
    func roomNames() throws {
        func join(_ name: String) throws -> RoomJoin? {
            let text = "{\"data\":{\"room\":\"\(name)\"},\"type\":\"join_room\"}"
            guard case .joinRoom(let join) = try text.withRaw({ try NativeCodec.decode($0) }) else { return nil }
            return join
        }
        #expect(try join("nodes")?.room == .base(.nodes))
        #expect(try join("node:\(NativeGoldens.node)")?.room == .node(NativeGoldens.node))
        #expect(try join("nosuch")?.room == nil)
        #expect(try join("nosuch")?.roomName == "nosuch")
        #expect(try join("n\\u006fdes")?.room == .base(.nodes))
    }

    @Test("A ping's echo is bounded and kept as spelled")
    func ping() throws {
        func ping(_ data: String) throws -> ClientMessage {
            try "{\"type\":\"ping\",\"data\": \(data) }".withRaw { try NativeCodec.decode($0) }
        }
        #expect(try ping("[1, 2]") == .ping(data: Array("[1, 2]".utf8)))
        #expect(try ping("null") == .ping(data: Array("null".utf8)))
        let longest = "\"" + String(repeating: "x", count: Limits.pingEchoBytes - 2) + "\""
        #expect(try ping(longest) == .ping(data: Array(longest.utf8)))
        #expect(throws: WireError.self) { try ping("\"" + longest) }
        #expect(throws: WireError.self) { try ping("[\(longest)]") }
    }

    @Test("Authentication passes any token on, however odd")
    func tokens() throws {
        let text = "{\"type\":\"authenticate\",\"data\":{\"token\":\"\",\"client\":\"x\"}}"
        #expect(try text.withRaw { try NativeCodec.decode($0) } == .authenticate(token: ""))
        let escaped = "{\"type\":\"auth\\u0065nticate\",\"data\":{\"tok\\u0065n\":\"a\\n\\u00e9\"}}"
        #expect(try escaped.withRaw { try NativeCodec.decode($0) } == .authenticate(token: "a\né"))
    }
}
