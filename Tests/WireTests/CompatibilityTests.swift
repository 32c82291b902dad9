import Foundation
import Testing

/// What docs/compatibility.md names as shown is there to be run.
@Suite("The table of compatibility")
struct CompatibilityTests {
    private static let scripts = Goldens.root.appendingPathComponent("Tests/Clients/python")

    private struct Row {
        var number: String
        var sentence: String
        var proof: String
    }

    /// The rows of each table, in order.
    private static func tables() throws -> [[Row]] {
        let text = try String(
            contentsOf: Goldens.root.appendingPathComponent("docs/compatibility.md"), encoding: .utf8)
        var tables: [[Row]] = []
        for line in text.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.dropFirst().dropLast().split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 3 else { continue }
            if cells[0] == "#" {
                tables.append([])
            } else {
                tables[tables.count - 1].append(Row(number: cells[0], sentence: cells[1], proof: cells[2]))
            }
        }
        return tables
    }

    private static func testFiles() throws -> Set<String> {
        let tests = Goldens.root.appendingPathComponent("Tests").resolvingSymlinksInPath()
        let files = try #require(FileManager.default.enumerator(atPath: tests.path))
        return Set(files.compactMap { ($0 as? String)?.split(separator: "/").last.map(String.init) })
    }

    @Test("Rows are numbered from 1 on, and none is open")
    func rows() throws {
        let tables = try Self.tables()
        #expect(!tables.isEmpty)
        for table in tables {
            #expect(table.map(\.number) == (1...table.count).map { "\($0)" })
            for row in table { #expect(!row.sentence.isEmpty && !row.proof.isEmpty, "\(row)") }
        }
    }

    @Test("Every suite and every script that a row names is there")
    func names() throws {
        let files = try Self.testFiles()
        let sources = try FileManager.default.contentsOfDirectory(atPath: Self.scripts.path)
        for row in try Self.tables().flatMap({ $0 }) {
            for (place, part) in row.proof.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            where place % 2 == 1 {
                if part.hasSuffix("Tests") {
                    #expect(files.contains("\(part).swift"), "\(row.number): \(part)")
                } else if part.hasPrefix("check_") {
                    #expect(sources.contains("\(part).py"), "\(row.number): \(part)")
                }
            }
        }
    }

    @Test("Every check of a script that a row names is one of it")
    func checks() throws {
        var count = 0
        for row in try Self.tables().flatMap({ $0 }) {
            for proof in row.proof.split(separator: ";") {
                let sides = proof.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                guard sides.count == 2, sides[0].hasPrefix("`check_") else { continue }
                let script = sides[0].trimmingCharacters(in: ["`"])
                let text = try String(
                    contentsOf: Self.scripts.appendingPathComponent(script + ".py"), encoding: .utf8)
                for name in sides[1].split(separator: ",") {
                    let start = name.trimmingCharacters(in: .whitespaces).prefix { $0.isLetter || $0 == "_" }
                    guard start.contains("_") else { continue }
                    count += 1
                    #expect(text.contains("def \(start)"), "\(row.number): \(script): \(start)")
                }
            }
        }
        #expect(count > 20)
    }
}
