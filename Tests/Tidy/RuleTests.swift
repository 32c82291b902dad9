import Testing

/// Each rule finds what it is for, and lets its like pass.
@Suite("The house rules can fail")
struct RuleTests {
    private func file(_ text: String, _ path: String = "Sources/Hub/Sample.swift") -> TextFile {
        TextFile(path: path, text: text)
    }

    @Test func longFiles() {
        let lines = { (count: Int) in String(repeating: "\n", count: count) }
        #expect(LengthRules.longFiles(file(lines(LengthRules.fileLines))).isEmpty)
        #expect(LengthRules.longFiles(file(lines(LengthRules.fileLines + 1))).count == 1)
    }

    @Test func longLines() {
        let line = String(repeating: "x", count: LengthRules.lineColumns)
        #expect(LengthRules.longLines(file(line + "\n")).isEmpty)
        #expect(LengthRules.longLines(file("\n" + line + "x\n")).map(\.line) == [2])
    }

    @Test(arguments: [
        "func f() {", "    public static func f(_ x: Int) -> Int {", "init() {", "    var x: Int {",
        "subscript(i: Int) -> Int {",
        "@inline(__always) func f() {", "func f(\n    x: Int\n) {", "deinit {",
    ])
    func longFunctions(_ opening: String) {
        let body = { (count: Int) in opening + "\n" + String(repeating: "    x()\n", count: count) + "}\n" }
        let own = opening.split(separator: "\n").count + 1
        #expect(LengthRules.longFunctions(file(body(LengthRules.functionLines - own))).isEmpty)
        let found = LengthRules.longFunctions(file("\n" + body(LengthRules.functionLines - own + 1)))
        #expect(found.map(\.line) == [2])
    }

    @Test func bodiesEndWhereTheyEnd() {
        let text = """
            protocol P {
                func none() throws
                var value: Int { get }
            }
            func first() {
                let text = "}"  // }
                let raw = #"} \\#(call("}")) "#
                if text == raw { print("\\(text) {") }
            }
            /* func hidden() { */
            var stored: Int = 3
            func second(
                a: Int = 1
            ) {
            }
            """
        let bodies = SwiftSource(text).bodies
        #expect(bodies.map(\.name) == ["value", "first", "second"])
        #expect(bodies.map(\.first) == [3, 5, 12])
        #expect(bodies.map(\.last) == [3, 9, 15])
    }

    @Test func multilineLiteralsAreBlanked() {
        let text = "let a = \"\"\"\n  func f() {\n  \"quoted\" }\n  \"\"\"\nfunc g() {\n}\n"
        #expect(SwiftSource(text).bodies == [.init(name: "g", first: 5, last: 6)])
    }

    private static let manifest = """
        let floor0: [Target] = [
            .target(name: "CLinux", path: "Sources/CLinux", cSettings: [.define("_GNU_SOURCE")]),
        ]
        let floor1: [Target] = [
            house("Grid", []),
            house("Bytes", []),
        ]
        let floor2: [Target] = [
            house("Hub", ["Grid"]),
            house("Web", ["Bytes", "Hub"]),
            house("Service", ["Bytes", "Absent"]),
        ]
        let floor4: [Target] = [
            program(
                "neurogrid-agent", path: "Agent",
                ["Grid", "Bytes"])
        ]
        """

    @Test func floorsAreRead() {
        let modules = Floors(manifest: Self.manifest).modules
        #expect(modules.map(\.name) == ["CLinux", "Grid", "Bytes", "Hub", "Web", "Service", "neurogrid-agent"])
        #expect(modules.last?.folder == "Agent")
        #expect(modules.last?.dependencies == ["Grid", "Bytes"])
        #expect(modules.map(\.floor) == [0, 1, 1, 2, 2, 2, 4])
    }

    @Test func siblingsAndAbsentModulesAreFound() {
        let faults = Floors(manifest: Self.manifest).climbing.map(\.fault)
        #expect(faults == ["Web (floor 2) needs Hub (floor 2)", "Service needs Absent, on no floor"])
    }

    @Test(arguments: [
        ("Sources/Hub/A.swift", "import Grid", true),
        ("Sources/Hub/A.swift", "import Bytes", false),
        ("Sources/Hub/A.swift", "import Glibc", false),
        ("Sources/Web/A.swift", "public import Bytes", true),
        ("Sources/Web/A.swift", "import Glibc", true),
        ("Sources/Web/A.swift", "import Foundation", false),
        ("Sources/Web/A.swift", "@preconcurrency import struct Grid.NodeID", false),
        ("Sources/Web/A.swift", "// import Foundation", true),
        ("Sources/Service/Settings/A.swift", "import FoundationEssentials", true),
        ("Sources/Service/Settings/A.swift", "import Foundation", false),
        ("Sources/Service/A.swift", "import FoundationEssentials", false),
        ("Agent/A.swift", "import FoundationEssentials", true),
        ("Agent/A.swift", "import Foundation", false),
        ("Agent/A.swift", "import Web", false),
        ("Tests/A.swift", "import Foundation", true),
    ])
    func imports(_ path: String, _ line: String, _ allowed: Bool) {
        let findings = Floors(manifest: Self.manifest).strayImports(file("\n" + line + "\n", path))
        #expect(findings.isEmpty == allowed)
        #expect(allowed || findings.map(\.line) == [2])
    }

    @Test func unfinishedWork() {
        for mark in WordRules.unfinished {
            #expect(WordRules.unfinishedWork(file("a\n// \(mark): later\n")).map(\.line) == [2])
            #expect(WordRules.unfinishedWork(file("mktemp \(mark)YYY\n")).isEmpty)
        }
    }

    @Test func vagueNames() {
        #expect(WordRules.vagueNames(file("", "Sources/Web/StringUtils.swift")).count == 1)
        #expect(WordRules.vagueNames(file("\npublic final class ConnectionManager {\n}\n")).map(\.line) == [2])
        #expect(WordRules.vagueNames(file("enum JSONHelper {}\n")).count == 1)
        #expect(WordRules.vagueNames(file("let files = FileManager.default\n// class AManager\n")).isEmpty)
        #expect(WordRules.placeholders(file("", "Sources/Web/Place" + "holder.swift")).count == 1)
        #expect(WordRules.placeholders(file("")).isEmpty)
    }

    @Test func spacing() {
        #expect(TextRules.spacing(file("a\nb\n")).isEmpty)
        #expect(TextRules.spacing(file("")).isEmpty)
        #expect(TextRules.spacing(file("a \nb\n")).map(\.line) == [1])
        #expect(TextRules.spacing(file("a\r\nb\n")).map(\.fault) == ["carriage returns"])
        #expect(TextRules.spacing(file("a")).count == 1)
        #expect(TextRules.spacing(file("a\n\n")).count == 1)
    }

    @Test func buildPaths() {
        #expect(TextRules.buildPaths(file("see \"/" + "root/x\"\n")).count == 1)
        #expect(TextRules.buildPaths(file("/" + "work/tree\n")).count == 1)
        #expect(TextRules.buildPaths(file("ProtectHome hides /home and /root; tests/" + "work/x\n")).isEmpty)
    }

    @Test func strayHosts() {
        #expect(TextRules.strayHosts(file("http" + "://mirror.internal:8080/debian\n")).count == 1)
        #expect(TextRules.strayHosts(file("http" + "://mirror:8080/x\n", "Tests/WebTests/ATests.swift")).isEmpty)
        #expect(TextRules.strayHosts(file("http" + "://10.1.2.3/x\n")).count == 1)
        #expect(TextRules.strayHosts(file("http" + "://mirror:8080/x http" + "://notexample.com\n")).count == 2)
        #expect(
            TextRules.strayHosts(file("http://127.0.0.1:3001 http://[::1]:80 https://a.example/x http://issuer/\n"))
                .isEmpty)
    }

    @Test func documentation() {
        let text = """
            /// Documented.
            @frozen public struct A {
                public func bare() {}
                /// Documented.
                // Kept short.
                public static func told() {}
                public static func == (a: A, b: A) -> Bool { true }
                func inner() {}
                public override func told() {}
            }
            public enum B {}

            /// Far away.

            public final class C {}
            """
        #expect(DocumentationRules.undocumented(file(text)).map(\.line) == [3, 11, 15])
    }

    @Test func untestedSources() {
        let untested = DocumentationRules.untested(
            sources: ["Sources/Web/A.swift", "Sources/Web/A+More.swift", "Sources/Web/B.swift"],
            tests: ["Tests/WebTests/ATests.swift"])
        #expect(untested == ["Sources/Web/B.swift"])
    }
}
