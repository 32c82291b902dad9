import Bytes
import Grid
import Testing

@testable import Wire

@Suite("EyeNet dialect: what clients say")
struct EyeNetDecoderTests {
    private func decode(_ array: String) throws -> EyeNetMessage {
        try "2\(array)".withRaw { try EyeNetCodec.decode(SocketIOPacket($0)) }
    }

    @Test(
        "INVALID_MESSAGE",
        arguments: [
            (#"["subscribe"]"#, ""), (#"["subscribe",7]"#, ""), (#"["subscribe","device"]"#, ""),
            (#"["subscribe",null]"#, ""), (#"["subscribe",{}]"#, "type"), (#"["subscribe",{"type":"device"}]"#, "id"),
            (#"["subscribe",{"id":"d"}]"#, "type"), (#"["subscribe",{"type":7,"id":"d"}]"#, "type"),
            (#"["subscribe",{"type":"device","id":7}]"#, "id"), (#"["subscribe",{"type":"device","id":""}]"#, "id"),
            (#"["subscribe",{"type":"node","id":"d"}]"#, "type"), (#"["unsubscribe",{"type":"device"}]"#, "id"),
        ])
    func invalidMessage(text: String, field: String) throws {
        let error = try #require(throws: WireError.self, "\(text)") { try decode(text) }
        #expect(error.refusal.code == .invalidMessage && error.field == field)
    }

    @Test(
        "UNKNOWN_TYPE, of names that only the server says too",
        arguments: ["", "Subscribe", "subscribed", "error", "device:status", "alert:new", "message"])
    func unknownType(_ name: String) throws {
        let error = try #require(throws: WireError.self) { try decode(#"["\#(name)",{"type":"device","id":"d"}]"#) }
        #expect(error.refusal.code == .unknownType)
    }

    @Test("A number stands for no event here")
    func numbers() throws {
        let error = try #require(throws: WireError.self) { try decode("[7,{}]") }
        #expect(error.refusal.code == .unknownType)
    }

    @Test("A topic that there is not is named so, and those that there are are listed")
    func topics() throws {
        for topic in EyeNetTopic.allCases {
            #expect(
                try decode(#"["subscribe",{"type":"topic","id":"\#(topic.rawValue)"}]"#) == .subscribe(.topic(topic)))
        }
        let error = try #require(throws: WireError.self) { try decode(#"["subscribe",{"type":"topic","id":"x"}]"#) }
        #expect(error.refusal.code == .unknownRoom && error.refusal.message.contains("devices, alerts, topology, ml"))
    }

    @Test("A device's name is bounded")
    func longNames() throws {
        func subscribe(_ bytes: Int) throws -> EyeNetMessage {
            try decode(#"["subscribe",{"type":"device","id":"\#(String(repeating: "n", count: bytes))"}]"#)
        }
        _ = try subscribe(Limits.jobIDBytes)
        #expect(throws: WireError.self) { try subscribe(Limits.jobIDBytes + 1) }
    }

    @Test("Keys come in any order, and others and further arguments are passed over")
    func keys() throws {
        #expect(
            try decode(#"["unsubscribe",{"x":{"y":[1]},"id":"d","type":"device"},"more"]"#)
                == .unsubscribe(.nobody("d")))
    }

    @Test("A subscription's channel is its type and identifier")
    func channels() throws {
        let node = NativeGoldens.node
        let all: [(EyeNetSubscription, String, Int)] = [
            (.device(node), "device:\(node)", 3), (.nobody("router-1"), "device:router-1", 0),
            (.topic(.devices), "topic:devices", 1), (.topic(.alerts), "topic:alerts", 1),
            (.topic(.topology), "topic:topology", 1), (.topic(.ml), "topic:ml", 1),
        ]
        var rooms: Set<Room> = []
        for (subscription, channel, count) in all {
            #expect(subscription.channel == channel && subscription.rooms.count == count)
            rooms.formUnion(subscription.rooms)
        }
        #expect(rooms.count == all.reduce(0) { $0 + $1.2 }, "no two have a room in common")
        #expect(EyeNetSubscription(device: "\(node)") == .device(node))
    }
}
