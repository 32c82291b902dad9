import Foundation
import Grid
import Runner
import Service
import Testing

@testable import neurogrid_agent

@Suite struct RunnerSettingsTests {
    private func runners(_ text: String) throws -> [RunnerSpecification] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString).json5")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try RunnerSettings.runners(try Settings(schema: AgentSettings.schema, file: file.path))
    }

    private func fault(_ text: String) -> SettingsError? {
        do {
            _ = try runners(text)
            return nil
        } catch {
            return error as? SettingsError
        }
    }

    @Test func theExampleOfTheDocumentIsUnderstood() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appendingPathComponent("docs/runners.md"), encoding: .utf8)
        let example = try #require(document.components(separatedBy: "```\n").first { $0.hasPrefix("runners:") })
        // The account of the example is not on every machine.
        let found = try runners(
            "{" + example.replacingOccurrences(of: "\"train\",\n    limits", with: "\"root\",\n    limits") + "}")
        #expect(found.map(\.name) == ["command", "docker", "train"])
        let train = try #require(found.last)
        #expect(train.user == "root" && train.graceNanoseconds == 30_000_000_000)
        #expect(train.limits.memoryMebibytes == 32768 && train.limits.timeNanoseconds == 12 * 3600 * 1_000_000_000)
        #expect(train.environment == [EnvironmentVariable(name: "OMP_NUM_THREADS", value: "4")])
        #expect(
            train.arguments == [
                ArgumentRule("dataset", .text(maximumBytes: 64, .word, mayBeginWithHyphen: false)),
                ArgumentRule("model", .choice(["small", "large"])), ArgumentRule("steps", .integer(1...1_000_000)),
            ])
        #expect(found[1].program == .docker(DockerTemplate(images: ["registry.example/cuda:12"])))
    }

    @Test func withoutAListThereIsNone() throws { #expect(try runners("{}").isEmpty) }

    /// Each with the key and the line that its error names.
    @Test(arguments: [
        ("{\nrunners: {\nx: { argv: ['true'] } } }", "runners.x.argv", 3),
        ("{\nrunners: {\nx: { argv: ['/bin/true', '{a}'] } } }", "runners.x.argv", 3),
        ("{\nrunners: {\nx: { argv: ['/bin/true', '{a'] } } }", "runners.x.argv", 3),
        ("{\nrunners: {\nx: {} } }", "runners.x.argv", 3),
        ("{\nrunners: {\nx: { kind: 'docker', argv: ['/bin/true'], images: ['a'] } } }", "runners.x.argv", 3),
        ("{\nrunners: {\nx: { kind: 'docker' } } }", "runners.x.images", 3),
        ("{\nrunners: {\nx: { argv: ['/bin/true'],\nprograms: ['/bin/x'] } } }", "runners.x.programs", 4),
        ("{\nrunners: {\nselftest: { argv: ['/bin/true'] } } }", "runners.selftest.kind", 3),
        ("{\nrunners: {\nx: { argv: ['/bin/true'],\nuser: 'nobody-there' } } }", "runners.x.user", 4),
        (
            "{\nrunners: {\nx: { argv: ['/bin/true'],\nenvironment: {\nHOME: '/' } } } }", "runners.x.environment.HOME",
            5
        ),
        (
            "{\nrunners: {\nx: { argv: ['/bin/true', '{a}'],\narguments: {\na: { min: 3 } } } } }",
            "runners.x.arguments.a.type", 5
        ),
        (
            "{\nrunners: {\nx: { argv: ['/x', '{a}'], arguments: {\na: { type: 'integer', min: 3,\nmax: 2 } } } } }",
            "runners.x.arguments.a.max", 5
        ),
        ("{\nrunners: {\nx: { argv: ['/bin/true'], limits: {\npids: 0 } } } }", "runners.x.limits.pids", 4),
        ("{\nrunners: {\nx: { argv: ['/bin/true'],\nshell: true } } }", "runners.x.shell", 4),
    ])
    func faultsNameKeyAndLine(text: String, key: String, line: Int) throws {
        let found = try #require(fault(text))
        #expect(found.key == key && found.place.hasSuffix(":\(line)"), "\(found)")
    }
}
