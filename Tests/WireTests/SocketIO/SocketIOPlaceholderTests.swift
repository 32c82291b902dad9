import Bytes
import Testing

@testable import Wire

@Suite("Placeholders of attachments")
struct SocketIOPlaceholderTests {
    private func number(_ text: String) -> Int? { Array(text.utf8).withExact { SocketIOPlaceholder.number($0) } }

    private func fault(_ arguments: String, attachments: Int = 2) -> SocketIOError? {
        do throws(SocketIOError) {
            _ = try SocketIOPacketTests.seen("5\(attachments)-[\"a\",\(arguments)]")
            return nil
        } catch {
            return error
        }
    }

    @Test("what is written is read", arguments: [0, 1, 9, 10, 999])
    func roundTrip(value: Int) {
        var writer = JSONWriter()
        SocketIOPlaceholder.write(value, to: &writer)
        #expect(writer.buffer.text == "{\"_placeholder\":true,\"num\":\(value)}")
        #expect(number(writer.buffer.text) == value)
    }

    @Test(
        "other values stand for themselves",
        arguments: [
            "1", "\"_placeholder\"", "[]", "null", "{}", "{\"num\":1}", "{\"_placeholder\":false,\"num\":1}",
            "{\"_placeholder\":1,\"num\":1}", "{\"_placeholder\":true}", "{\"_placeholder\":true,\"num\":\"1\"}",
            "{\"_placeholder\":true,\"num\":-1}", "{\"_placeholder\":true,\"num\":1.0}", "{", "",
            "{\"_placeholder\":true,\"num\":1000}", "{\"_placeholder\":true,\"_placeholder\":{},\"num\":1}",
        ])
    func others(text: String) { #expect(number(text) == nil) }

    @Test("further members and their order do not matter, of equal keys the last counts")
    func members() {
        #expect(number("{\"num\":3,\"x\":[{}],\"_placeholder\":true}") == 3)
        #expect(number("{\"num\":3,\"num\":4,\"_placeholder\":false,\"_placeholder\":true}") == 4)
        #expect(number("{\"num\":[],\"num\":4,\"_placeholder\":true}") == 4)
    }

    @Test("in a binary packet every placeholder names an attachment, however deep it lies")
    func range() {
        #expect(fault("{\"_placeholder\":true,\"num\":1}") == nil)
        #expect(fault("{\"_placeholder\":true,\"num\":2}") == .invalidPlaceholder)
        #expect(fault("{\"a\":[1,{\"b\":{\"_placeholder\":true,\"num\":2}}]}") == .invalidPlaceholder)
        #expect(fault("{\"a\":[1,{\"b\":{\"_placeholder\":true,\"num\":0}}],\"num\":true,\"c\":null}") == nil)
        #expect(fault("{\"_placeholder\":{\"_placeholder\":true,\"num\":2}}") == .invalidPlaceholder)
        #expect(fault("{\"num\":{\"_placeholder\":true,\"num\":2}}") == .invalidPlaceholder)
        for number in ["-1", "1.5", "\"0\"", "null", "1e0", "0.0", "true"] {
            #expect(fault("{\"_placeholder\":true,\"num\":\(number)}") == .invalidPlaceholder, "\(number)")
        }
        #expect(fault("{\"_placeholder\":true}") == .invalidPlaceholder)
        #expect(fault("{\"_placeholder\":true,\"num\":0}", attachments: 0) == .invalidPlaceholder)
    }

    @Test("in other packets it is an object like any other")
    func plain() throws {
        #expect(try SocketIOPacketTests.seen("2[\"a\",{\"_placeholder\":true,\"num\":7}]").values.count == 1)
    }
}
