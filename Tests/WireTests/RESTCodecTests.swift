import Bytes
import Grid
import Testing

@testable import Wire

@Suite("REST bodies")
struct RESTCodecTests {
    @Test("Golden bodies", arguments: NativeGoldens.bodies.map(\.name))
    func bodies(_ name: String) throws {
        let write = try #require(NativeGoldens.bodies.first { $0.name == name }?.write)
        #expect(try written(write) == Goldens.text("rest/" + name))
    }

    @Test("A page says where the next begins")
    func cursor() throws {
        let text = written { RESTCodec.nodes([], next: NativeGoldens.node, into: &$0) }
        #expect(text == "{\"nodes\":[],\"next_cursor\":\"\(NativeGoldens.node)\"}")
        #expect(written { RESTCodec.nodes([], next: nil, into: &$0) } == "{\"nodes\":[],\"next_cursor\":null}")
    }

    @Test("Every code has a status that says error", arguments: Refusal.Code.allCases)
    func statuses(_ code: Refusal.Code) {
        #expect((400...599).contains(RESTCodec.status(for: code)))
    }
}
