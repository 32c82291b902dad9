import Bytes
import Grid
import Testing

@testable import Wire

@Suite("NeuroGraph dialect: what is to be broadcast")
struct BroadcastDecoderTests {
    private func refusal(_ text: String) throws -> WireError {
        try #require(throws: WireError.self, "\(text)") { try text.withRaw { try NeuroGraphCodec.broadcast($0) } }
    }

    @Test(
        "Each fault is said with its field",
        arguments: [
            (#"{"event_type":"e","data":{}}"#, "channel"), (#"{"channel":"signals","data":{}}"#, "event_type"),
            (#"{"channel":"signals","event_type":"e"}"#, "data"),
            (#"{"channel":"nosuch","event_type":"e","data":{}}"#, "channel"),
            (#"{"channel":7,"event_type":"e","data":{}}"#, "channel"),
            (#"{"channel":"*","event_type":"","data":{}}"#, "event_type"),
            (#"{"channel":"*","event_type":"a b","data":{}}"#, "event_type"),
            (#"{"channel":"*","event_type":"é","data":{}}"#, "event_type"),
            (#"{"channel":"*","event_type":"e","data":{},"more":1}"#, "\"more\""),
            (#"{"client_id":"me","event_type":"e","data":{}}"#, "client_id"),
            (#"{"channel":"logs","event_type":"system_metrics","data":{}}"#, "event_type"),
            (#"{"channel":"status","event_type":"node_status","data":[]}"#, "data"),
            (#"{"channel":"status","event_type":"node_status","data":null}"#, "data"),
            (#"{"channel":"status","event_type":"node_status","data":{"node_id":"n"}}"#, "data.status"),
            (#"{"channel":"status","event_type":"node_status","data":{"node_id":1,"status":"x"}}"#, "data.node_id"),
        ])
    func faults(_ text: String, _ field: String) throws {
        let error = try refusal(text)
        #expect(error.refusal.code == .invalidMessage && error.field == field, "\(error)")
    }

    @Test("Names and data are bounded")
    func bounds() throws {
        func body(_ type: Int, _ data: Int) -> String {
            let (name, text) = (String(repeating: "e", count: type), String(repeating: "d", count: data - 2))
            return #"{"channel":"*","event_type":"\#(name)","data":"\#(text)"}"#
        }
        let most = try body(Limits.eventTypeBytes, Limits.broadcastBytes).withRaw { try NeuroGraphCodec.broadcast($0) }
        #expect(most.eventType.utf8.count == Limits.eventTypeBytes && most.data.utf8.count == Limits.broadcastBytes)
        #expect(try refusal(body(Limits.eventTypeBytes + 1, 10)).field == "event_type")
        #expect(try refusal(body(1, Limits.broadcastBytes + 1)).field == "data")
    }

    @Test("To everybody a known event may be said, and to one client in its channel")
    func anywhere() throws {
        let data = #"{"node_id":"n","status":"online","more":[1]}"#
        for place in [#""channel":"*""#, #""client_id":"0f8fad5b-d9cb-469f-a165-70867728950e""#] {
            let text = #"{\#(place),"event_type":"node_status","data":\#(data)}"#
            let request = try text.withRaw { try NeuroGraphCodec.broadcast($0) }
            #expect(request.channel == nil && request.data == data)
        }
    }
}
