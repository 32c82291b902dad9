import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link: messages about tasks")
struct TaskEnvelopeTests {
    @Test("A task's message is kept whole, whatever its order")
    func envelopesKeepEverything() throws {
        let text = "{ \"percent\": 65, \"epoch\": 7, \"task\": \"\(AgentGoldens.task)\", \"type\": \"progress\" }"
        let message = try text.withRaw { try AgentCodec.decodeAgentMessage($0) }
        let envelope = TaskEnvelope(kind: .progress, task: AgentGoldens.task, epoch: 7, json: Array(text.utf8))
        #expect(message == .task(envelope))
        #expect(written { AgentCodec.encode(AgentMessage.task(envelope), into: &$0) } == text)
    }
}
