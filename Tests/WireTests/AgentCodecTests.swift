import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: golden messages")
struct AgentCodecTests {
    @Test("What agents say is written as the golden message", arguments: AgentGoldens.fromAgent.map(\.name))
    func agentMessagesAreWritten(_ name: String) throws {
        let message = try #require(AgentGoldens.fromAgent.first { $0.name == name }?.message)
        #expect(try written { AgentCodec.encode(message, into: &$0) } == Goldens.text("agent/" + name))
    }

    @Test("What agents say is read back the same", arguments: AgentGoldens.fromAgent.map(\.name))
    func agentMessagesAreRead(_ name: String) throws {
        let message = try #require(AgentGoldens.fromAgent.first { $0.name == name }?.message)
        #expect(try Goldens.text("agent/" + name).withRaw { try AgentCodec.decodeAgentMessage($0) } == message)
    }

    @Test("What coordinators say is written as the golden message", arguments: AgentGoldens.fromCoordinator.map(\.name))
    func coordinatorMessagesAreWritten(_ name: String) throws {
        let message = try #require(AgentGoldens.fromCoordinator.first { $0.name == name }?.message)
        #expect(try written { AgentCodec.encode(message, into: &$0) } == Goldens.text("agent/" + name))
    }

    @Test("What coordinators say is read back the same", arguments: AgentGoldens.fromCoordinator.map(\.name))
    func coordinatorMessagesAreRead(_ name: String) throws {
        let message = try #require(AgentGoldens.fromCoordinator.first { $0.name == name }?.message)
        #expect(try Goldens.text("agent/" + name).withRaw { try AgentCodec.decodeCoordinatorMessage($0) } == message)
    }

    @Test("Keys may come in any order, with whitespace and unknown keys between them")
    func anyOrder() throws {
        var generator = Seeded(7)
        for (name, message) in AgentGoldens.fromAgent {
            let tree = try JSONTree(Goldens.text("agent/" + name))
            for separator in ["", " ", "\n\t\r "] {
                for _ in 0..<20 {
                    let text = tree.withUnknownKeys().shuffled(using: &generator).text(separator: separator)
                    #expect(try text.withRaw { try AgentCodec.decodeAgentMessage($0) } == message, "\(text)")
                }
            }
        }
        for (name, message) in AgentGoldens.fromCoordinator {
            guard message.isReadWhole else { continue }
            let tree = try JSONTree(Goldens.text("agent/" + name))
            for _ in 0..<20 {
                let text = tree.withUnknownKeys().shuffled(using: &generator).text(separator: " ")
                #expect(try text.withRaw { try AgentCodec.decodeCoordinatorMessage($0) } == message, "\(text)")
            }
        }
    }

    @Test("Each side takes only what the other says")
    func directions() throws {
        for (name, _) in AgentGoldens.fromCoordinator where name != "goodbye_coordinator" {
            let error = try #require(throws: WireError.self) {
                try Goldens.text("agent/" + name).withRaw { try AgentCodec.decodeAgentMessage($0) }
            }
            #expect(error.refusal.code == .unknownType)
        }
        for (name, _) in AgentGoldens.fromAgent where name != "goodbye" {
            let error = try #require(throws: WireError.self) {
                try Goldens.text("agent/" + name).withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
            }
            #expect(error.refusal.code == .unknownType)
        }
    }

    @Test(
        "What is no message is INVALID_MESSAGE, and says why",
        arguments: [
            ("", "", "JSON"), ("   ", "", "JSON"), ("[]", "", "object"), ("null", "", "object"), ("{", "", "JSON"),
            ("{}", "type", "missing"), ("{\"type\":null}", "type", "missing"),
            ("{\"type\":5}", "type", "string"), ("{\"type\":\"ack\",\"seq\":1}x", "", "JSON"),
            ("{\"type\":\"ack\",\"seq\":1,}", "", "JSON"), ("{\"type\":\"ack\",\"seq\":01}", "", "JSON"),
            ("{\"type\":\"ack\",\"seq\":\"1\"}", "seq", "number"), ("{\"type\":\"ack\"}", "seq", "missing"),
            ("{\"type\":\"ack\",\"seq\":-1}", "seq", "whole number"),
            ("{\"type\":\"ack\",\"seq\":1.5}", "seq", "whole number"),
            ("{\"type\":\"advice\",\"interval_ms\":99}", "interval_ms", "from 100 to 60000"),
            ("{\"type\":\"advice\",\"interval_ms\":60001}", "interval_ms", "from 100 to 60000"),
            ("{\"type\":\"welcome\",\"session\":\"nonsense\"}", "session", "UUID"),
            ("{\"type\":\"challenge\",\"nonce\":\"AAEC\"}", "nonce", "32 bytes in base 64"),
            ("{\"type\":\"ack\",\"seq\":1,\"x\":\"\u{1}\"}", "", "JSON"),
        ])
    func malformed(text: String, field: String, part: String) throws {
        let error = try #require(throws: WireError.self) {
            try text.withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
        }
        #expect(error.refusal.code == .invalidMessage)
        #expect(error.field == field)
        #expect(error.refusal.message.contains(part), "\(error.refusal.message)")
        #expect(error.refusal.message.hasPrefix(field))
    }

    @Test("Nesting beyond the limit is refused wherever it stands, and at the limit is not")
    func depth() throws {
        func message(_ depth: Int) -> String {
            "{\"type\":\"ack\",\"seq\":1,\"x\":" + String(repeating: "[", count: depth)
                + String(repeating: "]", count: depth) + "}"
        }
        #expect(
            try message(Limits.jsonDepth - 1).withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
                == .ack(sequence: 1))
        #expect(throws: WireError.self) {
            try message(Limits.jsonDepth).withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
        }
    }

    @Test("An unknown type is named, in part")
    func unknownType() throws {
        let error = try #require(throws: WireError.self) {
            try "{\"type\":\"\(String(repeating: "z", count: 500))\"}".withRaw { try AgentCodec.decodeAgentMessage($0) }
        }
        #expect(error.refusal.code == .unknownType)
        #expect(error.refusal.message.contains("zzz"))
        #expect(error.refusal.message.utf8.count < 100)
    }
}

extension CoordinatorMessage {
    /// Whether every object in it is the link's own, where unknown keys are passed over: not so a task's arguments
    /// and input.
    var isReadWhole: Bool { if case .order(.assign) = self { false } else { true } }
}
