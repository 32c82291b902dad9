import Bytes
import Foundation
import Testing
import Wire

@testable import neurogrid_coordinator

/// The document that clients are promised says what is said.
@Suite struct AsyncAPITests {
    static let document: Result<JSONTree, any Error> = Result { try AsyncAPI.document.withBytes { try JSONTree($0) } }
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/wire")

    /// Bodies of a dialect's REST calls among its golden messages, and the schemas that OpenAPI has for them.
    private static let bodies = [
        "qubix/statistics": "WebSocketStatistics", "neurograph/status": "ChannelStatus",
        "neurograph/channels": "ChannelList", "neurograph/channel": "Channel",
        "neurograph/broadcast_request": "Broadcast", "neurograph/broadcast_request_client": "Broadcast",
        "neurograph/broadcast_answer": "BroadcastAnswer", "neurograph/broadcast_answer_everybody": "BroadcastAnswer",
        "triggerx/statistics": "TriggerXStatistics",
        "triggerx/health": "WebSocketHealth", "triggerx/task": "TriggerXTask", "triggerx/task_fee": "TriggerXFee",
        "triggerx/task_submission": "TriggerXSubmission", "triggerx/task_execution": "TriggerXReport",
        "triggerx/task_external": "Task", "triggerx/task_refused": "TriggerXError",
    ]

    /// A dialect's messages by their keys.
    static func messages(of dialect: String) throws -> [(key: String, message: JSONTree)] {
        let all = try #require(try document.get().target(of: "#/components/messages")?.members)
        return all.filter { $0.name.hasPrefix(dialect + ".") }.map { ($0.name, $0.value) }
    }

    /// The messages of a dialect that a value is, and why it is not the others.
    static func identify(_ value: JSONTree, as dialect: String) throws -> (found: [String], faults: [String]) {
        let checker = JSONSchemaChecker(document: try document.get())
        var found: [String] = []
        var faults: [String] = []
        for (key, message) in try messages(of: dialect) {
            let wrong = checker.faults(of: value, by: try #require(message["payload"]))
            if wrong.isEmpty { found.append(key) } else { faults += wrong.map { "\(key) \($0)" } }
        }
        return (found, faults)
    }

    /// What a message says it is, in whichever way its dialect does.
    static func name(of message: JSONTree) -> String? {
        (message["type"] ?? message["event_type"] ?? message.elements?.first)?.text
    }

    static func golden(_ name: String) throws -> JSONTree {
        try JSONTree(
            String(contentsOf: folder.appendingPathComponent(name + ".json"), encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func goldens(of dialect: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(dialect).path)
            .filter { $0.hasSuffix(".json") }.map { "\(dialect)/\($0.dropLast(".json".count))" }.sorted()
    }

    private static let dialects = Set(AsyncAPI.channels.map(\.dialect)).sorted()

    @Test func everyFolderOfGoldenMessagesIsADialect() throws {
        let folders = Set(try FileManager.default.contentsOfDirectory(atPath: Self.folder.path))
        #expect(folders.subtracting(["rest"]) == Set(Self.dialects))
        #expect(Set(Dialect.allCases.map { "\($0.name)" }).isSubset(of: Self.dialects))
    }

    @Test(arguments: dialects)
    func everyGoldenMessageIsOneOfTheDocuments(_ dialect: String) throws {
        let goldens = try Self.goldens(of: dialect)
        #expect(goldens.count > 10)
        for name in goldens {
            let value = try Self.golden(name)
            if let schema = Self.bodies[name] {
                let openAPI = try OpenAPI.document.withBytes { try JSONTree($0) }
                let body = try #require(openAPI.target(of: "#/components/schemas/\(schema)"))
                #expect(JSONSchemaChecker(document: openAPI).faults(of: value, by: body) == [])
                continue
            }
            let (found, faults) = try Self.identify(value, as: dialect)
            #expect(found.count == 1, "\(name) is \(found): \(faults)")
            let key = try #require(found.first)
            let message = try #require(try Self.document.get().target(of: "#/components/messages/\(key)"))
            // What anybody may give a name has none in the document, and an acknowledgement has none at all.
            guard let said = Self.name(of: value), message["name"]?.text != "*" else { continue }
            #expect(message["name"]?.text == said, "\(name)")
        }
    }

    @Test(arguments: dialects)
    func everyMessageHasAGoldenOneAsItsExample(_ dialect: String) throws {
        let messages = try Self.messages(of: dialect)
        #expect(messages.count > 5)
        for (key, message) in messages {
            let example = try #require(message["examples"]?.elements?.first, "\(key)")
            let name = try #require(example["name"]?.text)
            let golden = try Self.golden(name)
            #expect(name.hasPrefix(dialect + "/") && example["payload"] == golden, "\(key)")
            let found = try Self.identify(try #require(example["payload"]), as: dialect).found
            #expect(found == [key], "\(name)")
            #expect(message["summary"]?.text?.isEmpty == false)
        }
    }

    @Test func whatIsReferredToIsThereAndAllOfIt() throws {
        let document = try Self.document.get()
        var references: Set<String> = []
        Self.collect(document, into: &references)
        for reference in references { #expect(document.target(of: reference) != nil, "\(reference)") }
        for kind in try #require(document["components"]?.members) {
            for member in kind.value.members ?? [] {
                let reference = "#/components/\(kind.name)/\(member.name)"
                #expect(references.contains(reference), "\(reference) is unused")
            }
        }
        for channel in try #require(document["channels"]?.members) {
            for message in channel.value["messages"]?.members ?? [] {
                let reference = "#/channels/\(channel.name)/messages/\(message.name)"
                #expect(references.contains(reference), "\(reference) is said by nobody")
            }
        }
    }

    @Test func namesAreAsAsyncAPIWantsThemAndStandOnce() throws {
        let document = try Self.document.get()
        #expect(document["asyncapi"]?.text == "3.0.0")
        let parts = [
            document["channels"], document["operations"], document["servers"],
            document.target(of: "#/components/messages"), document.target(of: "#/components/schemas"),
        ]
        for part in parts {
            let names = try #require(part?.members).map(\.name)
            #expect(Set(names).count == names.count && !names.isEmpty)
            #expect(names.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil }, "\(names)")
        }
        for operation in try #require(document["operations"]?.members) {
            #expect(["send", "receive"].contains(operation.value["action"]?.text), "\(operation.name)")
        }
    }

    private static func collect(_ value: JSONTree, into references: inout Set<String>) {
        if let reference = value["$ref"]?.text { references.insert(reference) }
        for member in value.members ?? [] { collect(member.value, into: &references) }
        for element in value.elements ?? [] { collect(element, into: &references) }
    }
}
