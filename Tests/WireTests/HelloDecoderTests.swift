import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: hello")
struct HelloDecoderTests {
    /// The field at fault where the enrolling hello has `value` at `path`; `nil` where it is taken.
    private func fault(_ path: [String?], _ value: String) throws -> String? {
        let tree = try JSONTree(Goldens.text("agent/hello_enrol"))
        let text = tree.replacing(path[...], by: .scalar(value)).text
        do {
            _ = try text.withRaw { try AgentCodec.decodeAgentMessage($0) }
            return nil
        } catch let error as WireError {
            #expect(error.refusal.code == .invalidMessage)
            return error.field
        }
    }

    @Test(
        "Limits of facts",
        arguments: [
            ("protocol", "0", false), ("protocol", "65535", true), ("protocol", "65536", false),
            ("node", "\"0f8fad5b-d9cb-469f-a165-70867728950\"", false), ("node", "\"\"", false),
            ("node", "\"0F8FAD5B-D9CB-469F-A165-70867728950E\"", true), ("join_token", "\"\"", true),
            ("join_token", "\"\(String(repeating: "t", count: 257))\"", false), ("public_key", "\"AAEC\"", false),
            ("stream", "\"x\"", false), ("previous_session", "\"x\"", false), ("agent_version", "\"\"", true),
            ("agent_version", "\"\(String(repeating: "v", count: 257))\"", false),
        ])
    func facts(key: String, value: String, isTaken: Bool) throws {
        // Fields that the golden hello lacks are tried in the place of one it has.
        let text = try Goldens.text("agent/hello_enrol").replacing(
            "\"protocol\":1", with: "\"protocol\":1,\"node\":null"
        )
        .replacing("\"stream\"", with: "\"previous_session\":null,\"stream\"")
        let changed = try JSONTree(text).replacing([key], by: .scalar(value)).text
        do {
            _ = try changed.withRaw { try AgentCodec.decodeAgentMessage($0) }
            #expect(isTaken)
        } catch let error as WireError {
            #expect(!isTaken && error.field == key, "\(error.refusal.message)")
        }
    }

    @Test(
        "Limits of specifications",
        arguments: [
            ("cpu_cores", "0"), ("cpu_cores", "4097"), ("storage_bytes", "-1"), ("memory_total_bytes", "1.5"),
            ("network_megabits_per_second", "-1"), ("hostname", "7"), ("gpus", "{}"), ("gpus", "[null]"),
            ("gpus", "[{}]"), ("gpus", "[{\"index\":64}]"),
        ])
    func specifications(key: String, value: String) throws {
        let field = try #require(try fault(["specifications", key], value))
        #expect(field.hasPrefix("specifications.\(key)"), "\(field)")
    }

    @Test("Runners are distinct, named and few, and are kept in order")
    func runners() throws {
        func names(_ count: Int) -> String { (0..<count).map { "\"r\($0)\"" }.joined(separator: ",") }
        let longest = "\"\(String(repeating: "r", count: Limits.runnerNameBytes))\""
        for (value, isTaken) in [
            ("[]", true), ("null", true), ("[\(names(Limits.runnersPerNode))]", true), ("[\(longest)]", true),
            ("[\(names(Limits.runnersPerNode + 1))]", false), ("[\"a\",\"a\"]", false), ("[\"\"]", false),
            ("[null]", false), ("[\(longest.dropLast())r\"]", false),
        ] {
            #expect(try fault(["specifications", "runners"], value) == (isTaken ? nil : "specifications.runners"))
        }
        let text = try JSONTree(Goldens.text("agent/inventory"))
            .replacing(["specifications", "runners"], by: .scalar("[\"b\",\"a\"]")).text
        guard case .inventory(let facts) = try text.withRaw({ try AgentCodec.decodeAgentMessage($0) }) else {
            Issue.record("no inventory")
            return
        }
        #expect(facts.runners == ["a", "b"])
    }

    @Test("GPUs are distinct and few")
    func gpus() throws {
        func list(_ indexes: some Sequence<Int>) -> String {
            let entries = indexes.map { "{\"index\":\($0),\"uuid\":\"\",\"name\":\"\",\"pci_bus_id\":\"\"}" }
            return "[" + entries.joined(separator: ",") + "]"
        }
        #expect(try fault(["specifications", "gpus"], list(0..<Limits.gpusPerNode)) == nil)
        #expect(try fault(["specifications", "gpus"], list([3, 1, 3])) == "specifications.gpus.index")
        #expect(
            try fault(["specifications", "gpus"], list((0..<Limits.gpusPerNode) + [0])) == "specifications.gpus.index")
    }

    @Test(
        "Without what has to be there",
        arguments: ["protocol", "public_key", "stream", "specifications", "agent_version"])
    func missing(key: String) throws {
        #expect(try fault([key], "null") == key)
    }

    @Test("The location may be half known, or not at all")
    func location() throws {
        #expect(try fault(["location"], "{}") == nil)
        #expect(try fault(["location"], "null") == nil)
        #expect(try fault(["location", "city"], "null") == nil)
        #expect(try fault(["location", "city"], "5") == "location.city")
    }
}
