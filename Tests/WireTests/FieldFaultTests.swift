import Bytes
import Grid
import Testing

@testable import Wire

/// Every field of every message, with a value of every wrong kind: refused with the field's name, or `null` and absent.
@Suite("Wrong types name their field")
struct FieldFaultTests {
    @Test("Agent to coordinator", arguments: AgentGoldens.fromAgent.map(\.name))
    func agent(_ name: String) throws {
        try check("agent/" + name) { _ = try AgentCodec.decodeAgentMessage($0) }
    }

    @Test("Coordinator to agent", arguments: AgentGoldens.fromCoordinator.filter(\.message.isReadWhole).map(\.name))
    func coordinator(_ name: String) throws {
        try check("agent/" + name) { _ = try AgentCodec.decodeCoordinatorMessage($0) }
    }

    @Test("Client to coordinator", arguments: NativeGoldens.clientMessages.map(\.name).filter { $0 != "ping_data" })
    func client(_ name: String) throws {
        try check("native/" + name) { _ = try NativeCodec.decode($0) }
    }

    private func check(_ name: String, _ decode: (UnsafeRawBufferPointer) throws -> Void) throws {
        let tree = try JSONTree(Goldens.text(name))
        for path in tree.paths {
            let original = try #require(tree[path[...]])
            for wrong in JSONTree.kinds where wrong.kind != original.kind {
                let text = tree.replacing(path[...], by: wrong).text
                if isAlsoTaken(path, wrong) {
                    try text.withRaw(decode)
                    continue
                }
                let error = try #require(throws: WireError.self, "\(text)") { try text.withRaw(decode) }
                #expect([.invalidMessage, .invalidFilter].contains(error.refusal.code))
                let key = try #require(path.last { $0 != nil } ?? nil)
                #expect(error.field.split(separator: ".").contains { $0 == key }, "\(error.field): \(text)")
                #expect(error.refusal.message.hasPrefix(error.field + ": "))
            }
            try checkAbsence(tree, path, decode)
        }
    }

    /// Without the field, or with `null`: taken, or refused as missing.
    private func checkAbsence(
        _ tree: JSONTree, _ path: [String?], _ decode: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let key = try #require(path.last { $0 != nil } ?? nil)
        for value in [nil, JSONTree.scalar("null")] {
            if path.last! == nil, value == nil { continue }
            let text = tree.replacing(path[...], by: value).text
            do {
                try text.withRaw(decode)
            } catch let error as WireError {
                #expect(error.refusal.message.contains("missing"), "\(error.refusal.message): \(text)")
                #expect(error.field.split(separator: ".").contains { $0 == key }, "\(error.field): \(text)")
            }
        }
    }

    /// Where another kind of value is right as well.
    private func isAlsoTaken(_ path: [String?], _ value: JSONTree) -> Bool {
        // What a run gave is its owner's business.
        if path == ["output"] { return true }
        // A filter's list may be empty, or one text instead, except where texts must be UUIDs.
        guard path.contains("filters"), let key = path.last ?? nil else { return false }
        return ["regions", "status"].contains(key) && value.kind == "string"
    }
}
