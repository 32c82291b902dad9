import Foundation
import Grid
import Service
import Testing

@testable import neurogrid_agent

@Suite struct AgentSettingsTests {
    @Test func aLocationIsOneIfAnyPartIsNamed() throws {
        #expect(AgentSettings.location(try Settings(schema: AgentSettings.schema)) == nil)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString).json5")
        try Data("{location: {city: 'Dublin'}}".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let settings = try Settings(schema: AgentSettings.schema, file: file.path)
        #expect(AgentSettings.location(settings) == NodeLocation(region: "", city: "Dublin", country: ""))
    }

    @Test func aJoinTokenIsNeverPrinted() throws {
        let token = String(repeating: "s", count: 300)
        do {
            _ = try Settings(
                schema: AgentSettings.schema, environment: Environment(["NEUROGRID_JOIN_TOKEN": token]))
            Issue.record("a token of 300 bytes was taken")
        } catch {
            #expect(error.key == "join_token")
            #expect(!"\(error)".contains("sss"), "\(error)")
        }
    }

    @Test("docs/configuration.md is what the schema says; its text is the test's message")
    func theDocumentIsCurrent() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(
            contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        let expected = AgentSettings.schema.documentation
        #expect(document.contains(expected), "put this into docs/configuration.md:\n\(expected)")
    }
}
