import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Dialects")
struct DialectTests {
    @Test("Each dialect writes exactly the events it carries", arguments: Dialect.allCases)
    func carries(_ dialect: Dialect) {
        for (_, event) in NativeGoldens.events {
            var buffer = ByteBuffer()
            let isWritten = dialect.encode(event, into: &buffer)
            #expect(isWritten == dialect.carries(event.event))
            #expect(isWritten == !buffer.isEmpty)
        }
    }

    @Test("The native dialect writes what its codec writes")
    func native() throws {
        for (name, event) in NativeGoldens.events {
            #expect(try written { _ = Dialect.native.encode(event, into: &$0) } == Goldens.text("native/" + name))
        }
    }
}
