import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: what does not fit")
struct AgentEncoderTests {
    @Test("Names that do not fit are cut before they are sent")
    func longTextsAreCut() throws {
        var hello = AgentGoldens.enrolling
        hello.specifications.cpuModel = String(repeating: "é", count: Limits.factBytes)
        hello.specifications.cpuCores = Limits.coresPerNode + 1
        hello.location?.city = String(repeating: "x", count: Limits.regionBytes + 1)
        let text = written { AgentCodec.encode(.hello(hello), into: &$0) }
        guard case .hello(let read) = try text.withRaw({ try AgentCodec.decodeAgentMessage($0) }) else {
            Issue.record("not a hello")
            return
        }
        #expect(read.specifications.cpuModel == String(repeating: "é", count: Limits.factBytes / 2))
        #expect(read.specifications.cpuCores == nil)
        #expect(read.location?.city.utf8.count == Limits.regionBytes)
    }
}
