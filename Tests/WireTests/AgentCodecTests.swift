import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Agent link")
struct AgentCodecTests {
    @Test("A sample survives the way", arguments: [0, 1, 4, 8, 64])
    func sampleRoundTrip(gpus: Int) throws {
        let sample = SampleMaker.typical(gpus: gpus)
        var buffer = ByteBuffer()
        AgentCodec.encode(sample, into: &buffer)
        print(buffer.count, gpus, gpus < 5 ? buffer.text : "")
        let decoded = try buffer.withBytes { try AgentCodec.decodeAgentMessage($0) }
        #expect(decoded == .sample(sample))
    }
}
