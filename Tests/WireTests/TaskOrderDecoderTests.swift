import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: orders")
struct TaskOrderDecoderTests {
    /// The golden assignment with `value` at `key`, as it is read.
    private func assign(_ key: String, _ value: String?) throws -> RunAssignment? {
        let tree = try JSONTree(Goldens.text("agent/assign"))
        let text = tree.replacing([key], by: value.map { .scalar($0) }).text
        let message = try text.withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
        guard case .order(.assign(let assignment)) = message else { return nil }
        return assignment
    }

    @Test(
        "What is out of its range is refused with its field",
        arguments: [
            ("task", "\"x\""), ("task", nil), ("epoch", "0"), ("epoch", "9223372036854775808"), ("epoch", "null"),
            ("member", "1"), ("member", "1024"), ("member", "-1"), ("runner", "\"\""), ("runner", nil),
            ("runner", "\"\(String(repeating: "r", count: Limits.runnerNameBytes + 1))\""), ("gpus", "[64]"),
            ("gpus", "[-1]"), ("gpus", "[1,1]"), ("gpus", "[null]"), ("gpus", "{}"), ("gpu_milli", "1001"),
            ("cpu_milli", "-1"), ("memory_mib", "2147483648"), ("timeout_seconds", "0"),
            ("timeout_seconds", "\(Limits.taskSeconds + 1)"), ("timeout_seconds", nil), ("gang_size", "0"),
            ("gang_size", "\(Limits.gangMembers + 1)"), ("lease_ms", "0"), ("lease_ms", nil), ("arguments", "[]"),
            ("input", "\"\(String(repeating: "x", count: Limits.taskInputBytes - 1))\""),
        ] as [(String, String?)])
    func ranges(key: String, value: String?) throws {
        let error = try #require(throws: WireError.self) { try assign(key, value) }
        #expect(error.refusal.code == .invalidMessage && error.field == key)
        #expect(error.refusal.message.hasPrefix(key + ": "))
    }

    @Test("What may be absent has a value that asks for nothing")
    func defaults() throws {
        for key in ["arguments", "input", "gpus", "gpu_milli", "cpu_milli", "memory_mib"] {
            for value in [nil, "null"] {
                var expected = AgentGoldens.assignment
                switch key {
                case "arguments": expected.arguments = []
                case "input": expected.input = ""
                case "gpus": expected.gpus = 0
                case "gpu_milli": expected.milliPerGPU = 0
                case "cpu_milli": expected.cpuMilli = 0
                default: expected.memoryMebibytes = 0
                }
                #expect(try assign(key, value) == expected, "\(key)")
            }
        }
    }

    @Test("GPUs are the bits of a word, in any order")
    func gpus() throws {
        #expect(try assign("gpus", "[63,0,5]")?.gpus == 1 << 63 | 1 | 1 << 5)
        let all = (0..<64).map(String.init).joined(separator: ",")
        #expect(try assign("gpus", "[\(all)]")?.gpus == .max)
    }

    @Test("An input stays as it was written")
    func input() throws {
        let value = "{ \"a\":\n[1.0, 1e2] }"
        #expect(try assign("input", value)?.input == value)
    }

    @Test(
        "A reason and a verdict must be there and be known",
        arguments: [
            ("stop", "reason", "null"), ("stop", "reason", "\"because\""), ("stop", "reason", "7"),
            ("settled", "counted", "null"), ("settled", "counted", "1"),
        ])
    func others(name: String, key: String, value: String) throws {
        let text = try JSONTree(Goldens.text("agent/" + name)).replacing([key], by: .scalar(value)).text
        let error = try #require(throws: WireError.self) {
            try text.withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
        }
        #expect(error.refusal.code == .invalidMessage && error.field == key)
    }

    @Test("Keys of an assignment may come in any order")
    func anyOrder() throws {
        let tree = try JSONTree(Goldens.text("agent/assign"))
        guard case .object(let members) = tree else { return }
        var generator = Seeded(3)
        for _ in 0..<50 {
            var shuffled = members.shuffled(using: &generator)
            let unknown = (key: "x_unknown", value: JSONTree.object([("runner", .scalar("1"))]))
            shuffled.insert(unknown, at: Int.random(in: 0...5, using: &generator))
            let text = JSONTree.object(shuffled).text
            let message = try text.withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
            #expect(message == .order(.assign(AgentGoldens.assignment)), "\(text)")
        }
    }
}
