import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Fields of our own types")
struct JSONAppendingTests {
    @Test("Identifiers, times and bytes")
    func fields() {
        let text = json { writer in
            writer.beginObject()
            writer.field("id", AgentGoldens.node)
            writer.field("task", AgentGoldens.task)
            writer.field("at", NativeGoldens.time)
            writer.field("key", base64: [0, 1, 2, 3])
            writer.field("none", base64: [])
            writer.field("region", known: "eu")
            writer.endObject()
        }
        #expect(
            text
                == "{\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"task\":\"6ba7b810-9dad-41d1-80b4-00c04fd430c8\","
                + "\"at\":\"2024-01-15T10:30:00.000Z\",\"key\":\"AAECAw==\",\"none\":\"\",\"region\":\"eu\"}")
    }

    @Test("What the buffer held stays in front, whatever is appended")
    func appending() {
        var buffer = ByteBuffer()
        for count in 1...3 {
            buffer.appendJSON { writer in
                writer.beginArray()
                for number in 0..<count { writer.int(number) }
                writer.endArray()
            }
        }
        #expect(buffer.text == "[0][0,1][0,1,2]")
    }
}
