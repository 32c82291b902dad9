import Service
import Testing

@Suite struct ArgumentsParserTests {
    private let program = Program(
        name: "grid", summary: "a grid", version: "1.2.3",
        flags: [Flag("url", .text(), placeholder: "URL", meaning: "whom to ask", defaultText: "ws://127.0.0.1")],
        commands: [
            Command(
                "serve", summary: "serve",
                flags: [
                    Flag("listen", .text(), placeholder: "ADDRESS", meaning: "where to listen"),
                    Flag("dev", .bool, meaning: "for development"),
                    Flag("loops", .integer(1...64), placeholder: "N", meaning: "threads"),
                    Flag("ttl", .duration(1...3_600_000_000_000), meaning: "how long"),
                    Flag("label", .text(), meaning: "a label", isRepeatable: true),
                    Flag("rooms", .list(), meaning: "some rooms"),
                ]),
            Command(
                "api-key create", summary: "make a key",
                flags: [Flag("user", .text(), meaning: "whose", isRequired: true)]),
            Command("api-key list", summary: "list keys"),
            Command("api-key secretly", summary: "not for operators", isHidden: true),
            Command("node", summary: "one node", positionals: [Positional("ID", meaning: "which")]),
            Command(
                "progress", summary: "progress",
                positionals: [
                    Positional("PERCENT", .integer(0...100), meaning: "how much"),
                    Positional("WORD", meaning: "more", isRequired: false, takesRest: true),
                ]),
        ])

    private func run(_ line: String) throws -> Arguments {
        let words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard case .run(let arguments) = try program.parse(words) else {
            Issue.record("showed a text instead")
            throw ArgumentsError.missingCommand(after: "", choices: [])
        }
        return arguments
    }

    private func error(_ line: String) -> ArgumentsError? {
        do throws(ArgumentsError) {
            _ = try program.parse(line.split(separator: " ").map(String.init))
            return nil
        } catch {
            return error
        }
    }

    private func shown(_ line: String) throws -> String {
        guard case .show(let text) = try program.parse(line.split(separator: " ").map(String.init)) else { return "" }
        return text
    }

    @Test func bothNotationsOfAFlag() throws {
        for line in ["serve --listen :1 --loops 4 --dev", "serve --listen=:1 --loops=4 --dev"] {
            let arguments = try run(line)
            #expect(arguments.command == "serve")
            #expect(arguments.text("listen") == ":1")
            #expect(arguments.integer("loops") == 4)
            #expect(arguments.isSet("dev"))
        }
        let bare = try run("serve")
        #expect(bare.text("listen") == nil)
        #expect(!bare.isSet("dev"))
    }

    @Test func valuesOfEveryKind() throws {
        let arguments = try run("serve --ttl 15m --rooms nodes,tasks --label a --label b=c --listen=")
        #expect(arguments.nanoseconds("ttl") == 900_000_000_000)
        #expect(arguments.list("rooms") == ["nodes", "tasks"])
        #expect(arguments.texts("label") == ["a", "b=c"])
        #expect(arguments.text("listen") == "")
    }

    @Test func aValueMayBeginWithAnAccent() throws {
        let arguments = try run("serve --label=\u{301}a --listen=\u{301}")
        #expect(arguments.texts("label").map { Array($0.utf8) } == [[0xCC, 0x81, 0x61]])
        #expect(arguments.text("listen").map { Array($0.utf8) } == [0xCC, 0x81])
    }

    @Test func commandsOfTwoWords() throws {
        #expect(try run("api-key create --user u").command == "api-key create")
        #expect(try run("api-key list").command == "api-key list")
        #expect(error("api-key") == .missingCommand(after: "api-key", choices: ["api-key create", "api-key list"]))
        #expect(error("api-key creat") == .unknownCommand("api-key creat", similar: "api-key create"))
    }

    @Test func aCommandMayBeNamedLikeAnothersBeginning() throws {
        let program = Program(
            name: "grid", summary: "a grid", version: "1", flags: [Flag("url", .text(), meaning: "whom to ask")],
            commands: [
                Command("token", summary: "mint", flags: [Flag("user", .text(), meaning: "whose")]),
                Command("token revoke", summary: "take back", flags: [Flag("id", .text(), meaning: "which")]),
            ])
        func run(_ line: String) -> String? {
            guard case .run(let arguments)? = try? program.parse(line.split(separator: " ").map(String.init)) else {
                return nil
            }
            return arguments.command
        }
        #expect(run("token --user u") == "token")
        #expect(run("token") == "token")
        #expect(run("token revoke --id 1") == "token revoke")
        #expect(run("--url x token revoke") == "token revoke")
        #expect(run("token --url x revoke") == "token revoke")
        #expect(run("token --user u revoke") == nil)
        #expect(run("token other") == nil)
        #expect(run("token revoke revoke") == nil)
        guard case .show(let help) = try program.parse(["token", "revoke", "--help"]) else {
            Issue.record("no help")
            return
        }
        #expect(help.contains("take back"))
    }

    @Test func globalFlagsStandAnywhere() throws {
        for line in ["--url X node n1", "node --url X n1", "node n1 --url=X"] {
            let arguments = try run(line)
            #expect(arguments.text("url") == "X")
            #expect(arguments.text("ID") == "n1")
        }
    }

    @Test func positionals() throws {
        let arguments = try run("progress 65 and some more")
        #expect(arguments.integer("PERCENT") == 65)
        #expect(arguments.texts("WORD") == ["and", "some", "more"])
        #expect(try run("node -- --odd").text("ID") == "--odd")
        #expect(try run("node -").text("ID") == "-")
        #expect(error("node") == .missingPositional("ID"))
        #expect(error("node a b") == .unexpectedPositional("b"))
        #expect(error("progress") == .missingPositional("PERCENT"))
        #expect(
            error("progress -5")
                == .badValue(
                    name: "PERCENT", value: "-5", reason: "is out of range, allowed is a whole number 0…100"))
    }

    @Test func mistakesAreNamedInOneLine() {
        let cases: [(String, ArgumentsError, String)] = [
            (
                "serve --lisen x", .unknownFlag("--lisen", similar: "--listen"),
                "unknown flag --lisen, did you mean --listen?"
            ),
            ("serve --zzzzzz", .unknownFlag("--zzzzzz", similar: nil), "unknown flag --zzzzzz, see --help"),
            ("serve -v", .unknownFlag("-v", similar: nil), "unknown flag -v, see --help"),
            ("--dev serve", .unknownFlag("--dev", similar: nil), "unknown flag --dev, see --help"),
            (
                "serve --listen", .missingValue(flag: "listen", placeholder: "ADDRESS"),
                "--listen needs a value: --listen ADDRESS"
            ),
            (
                "serve --listen --dev", .missingValue(flag: "listen", placeholder: "ADDRESS"),
                "--listen needs a value: --listen ADDRESS"
            ),
            ("serve --dev=true", .unexpectedValue(flag: "dev"), "--dev takes no value"),
            ("serve --dev --dev", .repeated(flag: "dev"), "--dev is given twice"),
            ("serve --loops 4 --loops=5", .repeated(flag: "loops"), "--loops is given twice"),
            ("api-key create", .missingFlag("user"), "--user is needed"),
            ("sevre", .unknownCommand("sevre", similar: nil), "unknown command sevre, see --help"),
            ("servee", .unknownCommand("servee", similar: "serve"), "unknown command servee, did you mean serve?"),
            ("serve extra", .unexpectedPositional("extra"), "unexpected argument extra"),
            (
                "serve --ttl 15",
                .badValue(name: "--ttl", value: "15", reason: "is not a duration such as 250ms, 1s, 15m or 1h"),
                "--ttl: \"15\" is not a duration such as 250ms, 1s, 15m or 1h"
            ),
        ]
        for (line, expected, text) in cases {
            #expect(error(line) == expected)
            #expect(error(line)?.description == text)
        }
        #expect(
            error("")?.description == "a command is needed, one of serve, api-key create, api-key list, node, progress")
    }

    @Test func hostileWordsCannotBreakTheLine() {
        let words = ["serve", "--x\n\u{1B}[31mroot:" + String(repeating: "y", count: 5000)]
        #expect(
            performing: { _ = try program.parse(words) },
            throws: { error in
                let text = "\(error)"
                return !text.contains("\n") && !text.contains("\u{1B}") && text.utf8.count < 1000
            })
    }

    @Test func helpIsAskedForInManyWays() throws {
        #expect(try shown("--help").hasPrefix("grid: a grid\n"))
        #expect(try shown("-h").contains("api-key create"))
        #expect(try !shown("--help").contains("secretly"))
        #expect(try shown("serve --help").hasPrefix("grid serve: serve\n"))
        #expect(try shown("--url X serve --help").hasPrefix("grid serve: serve\n"))
        #expect(try shown("serve --nonsense --help").hasPrefix("grid serve: serve\n"))
        #expect(try shown("api-key --help").contains("usage: grid api-key COMMAND"))
        #expect(try !shown("api-key --help").contains("node"))
        #expect(try shown("api-key create --help").contains("--user VALUE"))
        #expect(try shown("--version") == "grid 1.2.3\n")
        // Behind `--` it is a word like any other.
        #expect(try run("node -- --help").text("ID") == "--help")
    }

    @Test func aProgramWithoutCommands() throws {
        let plain = Program(
            name: "load", summary: "makes load", version: "1",
            commands: [Command("", summary: "", flags: [Flag("count", .integer(1...9), meaning: "how many")])])
        guard case .run(let arguments) = try plain.parse(["--count", "3"]) else {
            Issue.record("not run")
            return
        }
        #expect(arguments.command == "")
        #expect(arguments.integer("count") == 3)
        #expect(throws: ArgumentsError.unexpectedPositional("x")) { try plain.parse(["x"]) }
    }
}
