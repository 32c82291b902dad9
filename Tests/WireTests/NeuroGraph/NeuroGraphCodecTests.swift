import Bytes
import Grid
import Testing

@testable import Wire

@Suite("NeuroGraph dialect")
struct NeuroGraphCodecTests {
    @Test("Every event is its golden message", arguments: NeuroGraphGoldens.events.map(\.name))
    func events(_ name: String) throws {
        let event = try #require(NeuroGraphGoldens.events.first { $0.name == name }?.event)
        #expect(Dialect.neurograph.carries(event.event))
        let text = written { #expect(Dialect.neurograph.encode(event, into: &$0)) }
        #expect(try text == Goldens.text("neurograph/" + name))
    }

    @Test("Every answer is its golden message", arguments: NeuroGraphGoldens.replies.map(\.name))
    func replies(_ name: String) throws {
        let reply = try #require(NeuroGraphGoldens.replies.first { $0.name == name }?.reply)
        let text = written { NeuroGraphCodec.encode(reply, at: NativeGoldens.time, into: &$0) }
        #expect(try text == Goldens.text("neurograph/" + name))
    }

    @Test("Every body is its golden message", arguments: NeuroGraphGoldens.bodies.map(\.name))
    func bodies(_ name: String) throws {
        let body = try #require(NeuroGraphGoldens.bodies.first { $0.name == name })
        #expect(try written(body.write) == Goldens.text("neurograph/" + name))
    }

    @Test("Every client's golden message is read", arguments: NeuroGraphGoldens.clientMessages.map(\.name))
    func clientMessages(_ name: String) throws {
        let message = try #require(NeuroGraphGoldens.clientMessages.first { $0.name == name }?.message)
        let text = try Goldens.text("neurograph/" + name)
        #expect(try text.withRaw { try NeuroGraphCodec.decode($0) } == message)
        #expect(text.withRaw { NeuroGraphCodec.isDecisive($0) } == (message != .ping))
    }

    @Test("Every wish for a broadcast is read", arguments: NeuroGraphGoldens.requests.map(\.name))
    func requests(_ name: String) throws {
        let request = try #require(NeuroGraphGoldens.requests.first { $0.name == name }?.request)
        #expect(try Goldens.text("neurograph/" + name).withRaw { try NeuroGraphCodec.broadcast($0) } == request)
    }

    @Test("An event that the dialect has no message for leaves nothing behind", arguments: NeuroGraphGoldens.others)
    func others(_ event: RoomEvent) {
        var buffer = ByteBuffer()
        #expect(!Dialect.neurograph.carries(event))
        #expect(!Dialect.neurograph.encode(NativeGoldens.logged(event, offset: 1), into: &buffer) && buffer.isEmpty)
    }

    @Test("A measurement that is not whole is not told: its members are numbers", arguments: [nil, 4520] as [Int64?])
    func firstMeasurement(_ cpu: Int64?) {
        for rate in [nil, 400] as [Int64?] {
            let metrics = SystemMetrics(
                process: ProcessReading(cpuHundredths: cpu, residentBytes: 1 << 30), eventsPerSecondHundredths: rate,
                totalTokens: 0)
            let event = RoomEvent.channelMessage(ChannelMessage(channel: .metrics, content: .system(metrics)))
            let text = written {
                _ = Dialect.neurograph.encode(NativeGoldens.logged(event, offset: 1), into: &$0)
            }
            #expect(text.isEmpty == (cpu == nil || rate == nil) && !text.contains("null"))
        }
    }

    @Test("What is said in channels no other dialect carries")
    func messages() throws {
        let event = try #require(NeuroGraphGoldens.events.first { $0.name == "broadcast" }?.event)
        for dialect in Dialect.allCases { #expect(dialect.carries(event.event) == (dialect == .neurograph)) }
    }

    @Test("Every event has the document's four members, and the channel that its name belongs to")
    func envelopes() throws {
        for (name, _) in NeuroGraphGoldens.events {
            let tree = try JSONTree(Goldens.text("neurograph/" + name))
            guard case .object(let members) = tree else {
                Issue.record("\(name) is no object")
                continue
            }
            #expect(members.map(\.key) == ["channel", "timestamp", "event_type", "data"], "\(name)")
            guard let type = NeuroGraphEventType(rawValue: name) else { continue }
            #expect(members[0].value == .scalar("\"\(type.channel.name)\""), "\(name)")
            #expect(members[2].value == .scalar("\"\(name)\""), "\(name)")
        }
        let names = Set(NeuroGraphGoldens.events.map(\.name))
        for type in NeuroGraphEventType.allCases { #expect(names.contains(type.rawValue), "\(type.rawValue)") }
    }

    @Test("What we tell ourselves, others may broadcast")
    func known() throws {
        for type in NeuroGraphEventType.allCases {
            guard case .object(let members) = try JSONTree(Goldens.text("neurograph/\(type.rawValue)")) else {
                continue
            }
            let data = members[3].value.text
            let body =
                #"{"channel":"\#(type.channel.name)","event_type":"\#(type.rawValue)","data":\#(data)}"#
            let request = try body.withRaw { try NeuroGraphCodec.broadcast($0) }
            #expect(request.channel == type.channel && request.eventType == type.rawValue)
        }
    }

    @Test("Data of several lines is told in one")
    func lines() {
        let message = ChannelMessage(channel: .logs, content: .broadcast(type: "x", data: "{\r\n\"a\": 1\n}"))
        let text = written { NeuroGraphCodec.encode(message, at: NativeGoldens.time, into: &$0) }
        #expect(!text.utf8.contains(10) && !text.utf8.contains(13))
    }
}
