import Foundation
import Testing

/// The house rules, applied to this tree.
@Suite("The house rules hold in this tree")
struct TreeTests {
    private static let files = Repository.files
    private static let swift = files.filter(\.isSwift)
    private static let sources = swift.filter { !$0.path.hasPrefix("Tests/") && $0.path != "Package.swift" }

    /// Fails with every finding on a line of its own.
    private func expectNone(_ findings: [Finding], _ location: SourceLocation = #_sourceLocation) {
        guard !findings.isEmpty else { return }
        let list = findings.map(\.description).joined(separator: "\n")
        Issue.record("\(findings.count) findings:\n\(list)", sourceLocation: location)
    }

    private static func floors() throws -> Floors {
        let manifest = try #require(files.first { $0.path == "Package.swift" })
        return Floors(manifest: manifest.text)
    }

    @Test func theTreeWasFound() throws {
        #expect(Self.sources.count > 20)
        #expect(Self.files.contains { $0.path == "README.md" })
        #expect(try Self.floors().modules.count >= 15)
    }

    @Test func filesAreShort() { expectNone(Self.swift.flatMap(LengthRules.longFiles)) }
    @Test func functionsAreShort() { expectNone(Self.swift.flatMap(LengthRules.longFunctions)) }
    @Test func linesAreShort() { expectNone(Self.swift.flatMap(LengthRules.longLines)) }

    @Test func dependenciesGoDown() throws { expectNone(try Self.floors().climbing) }
    @Test func importsKeepToTheFloors() throws {
        let floors = try Self.floors()
        expectNone(Self.sources.flatMap { floors.strayImports($0) })
    }

    @Test func nothingIsUnfinished() { expectNone(Self.files.flatMap(WordRules.unfinishedWork)) }
    @Test func namesSaySomething() { expectNone(Self.files.flatMap(WordRules.vagueNames)) }
    @Test func nothingStandsInForSomething() { expectNone(Self.files.flatMap(WordRules.placeholders)) }

    @Test func spacingIsClean() {
        // What others wrote stays as they wrote it, and seeds are as odd as they need to be.
        let foreign = [
            "Tests/Fixtures/", "Tests/Fuzz/corpora/", "Tests/Clients/javascript/neurogrid_document_",
            "LICENSE",
        ]
        let ours = Self.files.filter { file in !foreign.contains { file.path.hasPrefix($0) } }
        expectNone(ours.flatMap(TextRules.spacing))
    }
    @Test func noBuildMachineIsNamed() { expectNone(Self.files.flatMap(TextRules.buildPaths)) }
    @Test func noStrayHostIsNamed() { expectNone(Self.files.flatMap(TextRules.strayHosts)) }

    @Test func publicSymbolsAreDocumented() { expectNone(Self.sources.flatMap(DocumentationRules.undocumented)) }

    /// Told, not enforced: a file of plain values may be tested through its users.
    @Test func sourcesWithoutTestsAreReported() {
        let modules = Self.sources.map(\.path).filter {
            $0.hasPrefix("Sources/") && !$0.hasPrefix("Sources/neurogridctl/")
        }
        let tests = Self.swift.map(\.path).filter { $0.hasPrefix("Tests/") }
        let untested = DocumentationRules.untested(sources: modules, tests: tests)
        print("tidy: \(untested.count) of \(modules.count) source files have no test file of their own name")
        let byModule = Dictionary(grouping: untested) { $0.split(separator: "/").dropLast().joined(separator: "/") }
        for (folder, paths) in byModule.sorted(by: { $0.key < $1.key }) {
            let names = paths.compactMap { $0.split(separator: "/").last?.dropLast(".swift".count) }
            print("tidy:   \(folder): \(names.joined(separator: ", "))")
        }
    }
}
