import Bytes
import Grid
import Testing

@testable import Wire

@Suite("TriggerX dialect")
struct TriggerXCodecTests {
    @Test("Every event is its golden message", arguments: TriggerXGoldens.events.map(\.name))
    func events(_ name: String) throws {
        let event = try #require(TriggerXGoldens.events.first { $0.name == name }?.event)
        #expect(Dialect.triggerx.carries(event.event))
        let text = written { #expect(Dialect.triggerx.encode(event, into: &$0)) }
        #expect(try text == Goldens.text("triggerx/" + name))
    }

    @Test("Every answer is its golden message", arguments: TriggerXGoldens.replies.map(\.name))
    func replies(_ name: String) throws {
        let reply = try #require(TriggerXGoldens.replies.first { $0.name == name }?.reply)
        let text = written { TriggerXCodec.encode(reply, at: TriggerXGoldens.answeredAt, into: &$0) }
        #expect(try text == Goldens.text("triggerx/" + name))
    }

    @Test("Every client's golden message is read", arguments: TriggerXGoldens.clientMessages.map(\.name))
    func clientMessages(_ name: String) throws {
        let message = try #require(TriggerXGoldens.clientMessages.first { $0.name == name }?.message)
        #expect(try Goldens.text("triggerx/" + name).withRaw { try TriggerXCodec.decode($0) } == message)
    }

    @Test("Every request's golden body is written", arguments: TriggerXGoldens.bodies.map(\.name))
    func bodies(_ name: String) throws {
        let write = try #require(TriggerXGoldens.bodies.first { $0.name == name }?.write)
        #expect(try written(write) == Goldens.text("triggerx/" + name))
    }

    @Test("Every golden body of a client is read")
    func requests() throws {
        let wish = try Goldens.text("triggerx/task_submission").withRaw { try TriggerXCodec.wish($0) }
        #expect(wish == TriggerXGoldens.wish)
        let fee = try Goldens.text("triggerx/task_fee").withRaw { try TriggerXCodec.fee($0) }
        #expect(fee == TriggerXGoldens.feeMicros)
        let report = try Goldens.text("triggerx/task_execution").withRaw { try TriggerXCodec.report($0) }
        #expect(report == TriggerXGoldens.report)
    }

    @Test("An event that the dialect has no message for leaves nothing behind", arguments: TriggerXGoldens.others)
    func others(_ event: RoomEvent) {
        var buffer = ByteBuffer()
        #expect(!Dialect.triggerx.carries(event))
        #expect(!Dialect.triggerx.encode(NativeGoldens.logged(event, offset: 1), into: &buffer) && buffer.isEmpty)
    }

    @Test("Every event has the document's members, in its order")
    func envelopes() throws {
        for (name, _) in TriggerXGoldens.events {
            guard case .object(let members) = try JSONTree(Goldens.text("triggerx/" + name)),
                case .object(let data)? = members.first(where: { $0.key == "data" })?.value
            else {
                Issue.record("\(name) is no object")
                continue
            }
            #expect(members.map(\.key) == ["type", "data", "timestamp"], "\(name)")
            #expect(data.map(\.key) == ["task_id", "job_id", "user_id", "changes", "timestamp"], "\(name)")
        }
    }

    @Test("What changes elsewhere has a message of the native dialect too, so that its offsets have no hole")
    func native() throws {
        for (name, event) in TriggerXGoldens.events { #expect(Dialect.native.carries(event.event), "\(name)") }
        let executed = try #require(TriggerXGoldens.events.first { $0.name == "task_updated" }?.event)
        #expect(!Dialect.qubix.carries(executed.event))
    }

    @Test("Every refusal of a session has a code of the dialect, and every code its status")
    func codes() {
        let expected: [Refusal.Code: TriggerXError.Code] = [
            .tooManyRequests: .rateLimitExceeded, .tooManyTasks: .rateLimitExceeded, .unknownRoom: .accessDenied,
            .notInRoom: .accessDenied, .forbidden: .accessDenied, .notFound: .accessDenied,
            .connectionFailed: .unavailable, .unavailable: .unavailable,
        ]
        for code in Refusal.Code.allCases {
            #expect(TriggerXError(Refusal(code, "m")) == TriggerXError(expected[code] ?? .invalidMessage, "m"))
        }
        let statuses = TriggerXError.Code.allCases.map { TriggerXError($0, "").status }
        #expect(statuses == [401, 401, 429, 400, 403, 401, 400, 503])
    }
}
