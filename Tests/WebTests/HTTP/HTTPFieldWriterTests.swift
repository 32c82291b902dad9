import Bytes
import Testing

@testable import Web

@Suite("HTTP field writer")
struct HTTPFieldWriterTests {
    @Test(
        "a value that would split the message is left out and counted",
        arguments: ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\0b", "\u{1B}[2J", "a\u{7F}"])
    func splitting(value: Quoted) {
        var buffer = ByteBuffer()
        #expect(HTTPFieldWriter.append([("A", "1"), ("B", value.text), ("C", "ü\t")], into: &buffer) == 1)
        #expect(buffer.text == "A: 1\r\nC: ü\t\r\n")
    }

    @Test("a bad or a reserved name traps")
    func names() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            _ = HTTPFieldWriter.append([("A:\r\nB", "1")], into: &buffer)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            _ = HTTPFieldWriter.append([("content-LENGTH", "1")], into: &buffer)
        }
    }
}
