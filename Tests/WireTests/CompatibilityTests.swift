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

    /// What stands outside of parentheses, where rows say more in words.
    private static func withoutRemarks(_ text: String) -> String {
        var depth = 0
        return String(
            text.filter { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth == 0 && character != ")"
            })
    }

    @Test("Every test that a row names is a function of its suite")
    func functions() throws {
        let tests = Goldens.root.appendingPathComponent("Tests").resolvingSymlinksInPath()
        var sources: [String: String] = [:]
        let paths = try #require(FileManager.default.enumerator(atPath: tests.path)).compactMap { $0 as? String }
        for path in paths where path.hasSuffix("Tests.swift") {
            let name = String(path.split(separator: "/").last?.dropLast(".swift".count) ?? "")
            sources[name, default: ""] += try String(
                contentsOf: tests.appendingPathComponent(path), encoding: .utf8)
        }
        var count = 0
        for row in try Self.tables().flatMap({ $0 }) {
            for proof in Self.withoutRemarks(row.proof).split(separator: ";") {
                let sides = proof.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                guard sides.count == 2, sides[0].hasPrefix("`"), sides[0].hasSuffix("Tests`") else { continue }
                let suite = sides[0].trimmingCharacters(in: ["`"])
                for part in sides[1].split(separator: ",") {
                    let name = part.trimmingCharacters(in: .whitespaces)
                    count += 1
                    #expect(sources[suite]?.contains("func \(name)(") == true, "\(row.number): \(suite): \(name)")
                }
            }
        }
        #expect(count > 100)
    }

    @Test("Every golden message that a row names is there")
    func goldens() throws {
        let folder = Goldens.root.appendingPathComponent("Tests/Fixtures/wire").resolvingSymlinksInPath()
        let paths = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        let names = Set(paths.compactMap { $0.split(separator: "/").last?.split(separator: ".").first })
        var count = 0
        for row in try Self.tables().flatMap({ $0 }) {
            for proof in row.proof.split(separator: ";") {
                let words = proof.trimmingCharacters(in: .whitespaces)
                guard words.hasPrefix("golden ") || words.hasPrefix("goldens ") else { continue }
                let listed = Self.withoutRemarks(words).split(separator: "`", omittingEmptySubsequences: false)
                for (place, name) in listed.enumerated() where place % 2 == 1 {
                    guard name.allSatisfy({ $0.isLowercase || $0.isNumber || $0 == "_" }) else { continue }
                    count += 1
                    #expect(names.contains(name), "\(row.number): \(name)")
                }
            }
        }
        #expect(count > 100)
    }
}
