import Bytes
import Grid
import Testing

@testable import Wire

@Suite("The list of GPUs")
struct GPUPayloadTests {
    @Test("GPUs: matched by index, described without a sample, sampled without a description")
    func gpuList() throws {
        let descriptions = AgentGoldens.specifications.gpus
        let text = json { GPUPayload.write([SampleMaker.gpu(1), SampleMaker.gpu(5)], descriptions, to: &$0) }
        guard case .array(let entries) = try JSONTree(text) else {
            Issue.record("no array")
            return
        }
        #expect(entries.map { $0[["index"]]?.text } == ["1", "5", "0"])
        #expect(entries[0][["uuid"]]?.text == "\"\(descriptions[1].uuid)\"")
        #expect(entries[1][["uuid"]]?.text == "null")
        #expect(entries[1][["temperature"]]?.text == "67")
        #expect(entries[2][["state"]]?.text == "null")
        #expect(entries[2][["name"]]?.text == "\"\(descriptions[0].name)\"")
        #expect(entries[2][["memory_total"]]?.text == "24")
        guard case .object(let first) = entries[0], case .object(let last) = entries[2] else { return }
        #expect(first.map(\.key) == last.map(\.key))
    }
}
