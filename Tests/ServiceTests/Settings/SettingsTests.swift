import Glibc
import Testing

@testable import Service

@Suite struct SettingsTests {
    private let schema = SettingsSchema([
        Setting(
            "listen", .text(), default: .text("127.0.0.1:3001"), meaning: "where to listen", environment: "NG_LISTEN",
            flag: "listen", placeholder: "ADDRESS"),
        Setting(
            "loops", .integer(1...64), default: .integer(2), meaning: "threads", environment: "NG_LOOPS",
            flag: "loops"),
        Setting("dev", .bool, default: .bool(false), meaning: "for development", environment: "NG_DEV", flag: "dev"),
        Setting("store", .text(), meaning: "where to remember", environment: "NG_STORE", isSecret: true),
        Setting("tls.certificate", .text(), meaning: "a file"),
        Setting("auth.jwt.algorithms", .choices(["HS256", "EdDSA"]), default: .list(["HS256"]), meaning: "allowed"),
        Setting(
            "limits.message_bytes", .integer(1024...1_048_576, orZero: true), default: .integer(65_536), meaning: "most"
        ),
        Setting("limits.ratio", .number(0...1), default: .number(0.5), meaning: "share"),
        Setting(
            "lease", .duration(1_000_000_000...60_000_000_000), default: .duration(10_000_000_000), meaning: "silence"),
        Setting("runners.*.argv", .list(), meaning: "the program", isRequired: true),
        Setting("runners.*.slots", .integer(1...8), default: .integer(1), meaning: "at once"),
    ])

    private func load(
        _ text: String? = nil, environment: [String: String] = [:], words: [String]? = nil
    ) throws(SettingsError) -> Settings {
        let file = try text.map { text throws(SettingsError) in
            try SettingsFile(path: "/etc/grid.json5", bytes: Array(text.utf8))
        }
        let command = Command("", summary: "", flags: schema.flags)
        let program = Program(name: "grid", summary: "", version: "1", commands: [command])
        var arguments: Arguments?
        if let words, case .run(let parsed)? = try? program.parse(words) { arguments = parsed }
        return try Settings(schema: schema, file: file, environment: Environment(environment), arguments: arguments)
    }

    private func error(_ text: String, environment: [String: String] = [:]) -> String? {
        do throws(SettingsError) {
            _ = try load(text, environment: environment)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func defaultsWhereNothingIsGiven() throws {
        for text in [nil, "{}", "{tls: {}, limits: null, loops: null}"] as [String?] {
            let settings = try load(text)
            #expect(settings.text("listen") == "127.0.0.1:3001")
            #expect(settings.integer("loops") == 2)
            #expect(!settings.bool("dev"))
            #expect(settings.text("store") == nil)
            #expect(settings.list("auth.jwt.algorithms") == ["HS256"])
            #expect(settings.number("limits.ratio") == 0.5)
            #expect(settings.nanoseconds("lease") == 10_000_000_000)
            #expect(settings.names(in: "runners") == [])
            #expect(settings.source(of: "listen") == .builtIn)
        }
    }

    @Test func namesOfValuesAreThoseTheOperatorGave() throws {
        let schema = SettingsSchema([
            Setting("rates.*", .number(0...10), meaning: "m"), Setting("rate", .number(0...10), meaning: "m"),
        ])
        let file = try SettingsFile(path: "/etc/grid.json5", bytes: Array("{rate: 1, rates: {B: 2, A: 0.5}}".utf8))
        let settings = try Settings(schema: schema, file: file, environment: Environment([:]), arguments: nil)
        #expect(settings.names(in: "rates") == ["A", "B"])
        #expect(settings.number("rates.A") == 0.5)
        #expect(try Settings(schema: schema).names(in: "rates") == [])
    }

    @Test func everythingThatJSON5Allows() throws {
        let settings = try load(
            """
            // A configuration.
            {
              listen: '[::]:80', /* unquoted key, single quotes */
              "loops": 0x10,
              'dev': true,
              tls: { certificate: "/etc/x.pem" },
              auth: { jwt: { algorithms: ["EdDSA", 'HS256',], } },
              limits: { message_bytes: 0, ratio: .25 },
              lease: '15s',
              runners: { gpu: { argv: ['/bin/true', '-x'], slots: 4 }, cpu: { argv: [] } },
            }
            """)
        #expect(settings.text("listen") == "[::]:80")
        #expect(settings.integer("loops") == 16)
        #expect(settings.bool("dev"))
        #expect(settings.text("tls.certificate") == "/etc/x.pem")
        #expect(settings.list("auth.jwt.algorithms") == ["EdDSA", "HS256"])
        #expect(settings.integer("limits.message_bytes") == 0)
        #expect(settings.number("limits.ratio") == 0.25)
        #expect(settings.nanoseconds("lease") == 15_000_000_000)
        #expect(settings.names(in: "runners") == ["cpu", "gpu"])
        #expect(settings.list("runners.gpu.argv") == ["/bin/true", "-x"])
        #expect(settings.integer("runners.gpu.slots") == 4)
        #expect(settings.integer("runners.cpu.slots") == 1)
        #expect(settings.source(of: "listen") == .file(path: "/etc/grid.json5", line: 3))
        #expect(settings.source(of: "limits.ratio") == .file(path: "/etc/grid.json5", line: 8))
    }

    @Test func flagsBeatEnvironmentBeatsFileBeatsDefault() throws {
        let file = "{listen: 'file', loops: 3, dev: false}"
        let environment = ["NG_LISTEN": "environment", "NG_LOOPS": "4"]
        let all = try load(file, environment: environment, words: ["--listen", "flag", "--dev"])
        #expect(all.text("listen") == "flag")
        #expect(all.source(of: "listen") == .flag("listen"))
        #expect(all.integer("loops") == 4)
        #expect(all.source(of: "loops") == .environment("NG_LOOPS"))
        #expect(all.bool("dev"))
        #expect(try load(file, environment: environment).text("listen") == "environment")
        #expect(try load(file).text("listen") == "file")
        #expect(try load(file).integer("loops") == 3)
    }

    @Test func anEmptyVariableIsAnEmptyTextElseNothing() throws {
        let settings = try load("{loops: 3}", environment: ["NG_LOOPS": "", "NG_LISTEN": ""])
        #expect(settings.integer("loops") == 3)
        #expect(settings.text("listen") == "")
    }

    @Test(arguments: [
        ("{\n  lissten: 'x'\n}", "/etc/grid.json5:2: lissten: \"x\" belongs to no known key, did you mean listen?"),
        ("{\n\n  loops: 65 }", "/etc/grid.json5:3: loops: 65 is out of range, allowed is a whole number 1…64"),
        ("{loops: '2'}", "/etc/grid.json5:1: loops: \"2\" is not a whole number"),
        ("{loops: 1.5}", "/etc/grid.json5:1: loops: 1.5 is not a whole number"),
        ("{loops: Infinity}", "/etc/grid.json5:1: loops: inf is not a whole number"),
        ("{limits: {ratio: NaN}}", "/etc/grid.json5:1: limits.ratio: nan is out of range, allowed is a number 0.0…1.0"),
        ("{loops: {n: 1}}", "/etc/grid.json5:1: loops: {…} is not a whole number"),
        ("{dev: 1}", "/etc/grid.json5:1: dev: 1 is not true or false"),
        ("{listen: 5}", "/etc/grid.json5:1: listen: 5 is not a text"),
        ("{limits: 5}", "/etc/grid.json5:1: limits: 5 is not an object { … }"),
        (
            "{limits: {\n mesage_bytes: 1}}",
            "/etc/grid.json5:2: limits.mesage_bytes: 1 belongs to no known key, did you mean limits.message_bytes?"
        ),
        (
            "{message_bytes: 1}",
            "/etc/grid.json5:1: message_bytes: 1 belongs to no known key, did you mean limits.message_bytes?"
        ),
        ("{tls: {zzz: {a: 1}}}", "/etc/grid.json5:1: tls.zzz: {…} belongs to no known key"),
        (
            "{auth: {jwt: {algorithms: ['none']}}}",
            "/etc/grid.json5:1: auth.jwt.algorithms: [\"none\"] is not a list of words out of HS256, EdDSA"
        ),
        (
            "{auth: {jwt: {algorithms: [1]}}}",
            "/etc/grid.json5:1: auth.jwt.algorithms: [1] is not a list of words out of HS256, EdDSA"
        ),
        ("{lease: 15}", "/etc/grid.json5:1: lease: 15 is not a duration such as 250ms, 1s, 15m or 1h"),
        ("{lease: '2h'}", "/etc/grid.json5:1: lease: \"2h\" is out of range, allowed is a duration 1s…1m"),
        ("{runners: {gpu: {\n}}}", "/etc/grid.json5:1: runners.gpu.argv: is needed"),
        ("{runners: {'a b': {argv: []}}}", "/etc/grid.json5:1: runners.a b: {…} belongs to no known key"),
        ("{loops: 1,\nloops: 2}", "/etc/grid.json5:2: loops: given twice"),
        ("[1]", "/etc/grid.json5: is not an object { … }"),
        (String(repeating: "9", count: 90), "/etc/grid.json5: is not an object { … }"),
    ])
    func mistakesNameKeyValueAndLine(_ text: String, _ expected: String) {
        #expect(error(text) == expected)
    }

    @Test(arguments: [
        ("{\n a: 1\n b: 2}", 3, "a comma is missing"), ("{\n\n a 1}", 3, "a colon is missing"),
        ("{", 1, "the text ends too early"),
        ("", 1, "the text ends too early"), ("{a: 1}\n\nx", 3, "something follows the value"),
        ("{a:\n tru}", 2, "a text without quotes"),
        ("{a: 'x\n'}", 1, "a text that does not end on its line"), ("{a: 'x", 1, "a text that does not end"),
        ("{,}", 1, "a key is missing"), ("{a: ,}", 1, "a value is missing"),
        ("{a: 1} }", 1, "something follows the value"),
        ("{a: [1}", 1, "a comma is missing"), ("{a: / }", 1, "a lone slash"), ("/* x", 1, "the text ends too early"),
        ("{a: @}", 1, "a text without quotes"), ("{\n limits: {\n  ratio: 01}}", 3, "no number"),
    ])
    func brokenTextsNameTheLine(_ text: String, _ line: Int, _ reason: String) {
        #expect(error(text) == "/etc/grid.json5:\(line): is not JSON5: \(reason)")
    }

    @Test func oddSpellingsOfKeysAreRefusedRatherThanIgnored() {
        #expect(
            error("{\n'\\ud834\\udd1e': 1}")
                == "/etc/grid.json5:2: \u{FFFD}\u{FFFD}: is spelt in a way that is not understood")
        #expect(error("{\n\\u006coops: 1}") == "/etc/grid.json5:2: \\u006coops: 1 belongs to no known key")
    }

    @Test func secretsAreNotRepeated() {
        let long = String(repeating: "s3cret", count: 1000)
        #expect(error("{store: ['s3cret']}") == "/etc/grid.json5:1: store: [redacted] is not a text")
        #expect(error("{}", environment: ["NG_STORE": long]) == "NG_STORE: store: [redacted] is longer than 4096 bytes")
        #expect(error("{tls: {password: 's3cret'}}")?.contains("s3cret") == false)
        #expect(error("{stor: 'redis://u:s3cret@h'}")?.contains("s3cret") == false)
    }

    @Test func mistakesInVariablesNameTheVariable() {
        #expect(error("{}", environment: ["NG_LOOPS": "many"]) == "NG_LOOPS: loops: \"many\" is not a whole number")
    }

    @Test func laterFaultsAreToldLikeOurs() throws {
        let settings = try load("{\nlisten: 'nowhere'}")
        #expect(
            settings.fault("listen", "is no address").description
                == "/etc/grid.json5:2: listen: nowhere is no address")
    }

    @Test func neededKeysAreAskedFor() {
        let schema = SettingsSchema([Setting("a.b", .text(), meaning: "", isRequired: true)])
        #expect(performing: { _ = try Settings(schema: schema) }, throws: { "\($0)" == "a.b: is needed" })
    }

    @Test func aFileIsReadFromDisk() throws {
        let path = "/tmp/neurogrid-settings-\(getpid()).json5"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { unlink(path) }
        #expect(Array("{loops: 7}".utf8).withUnsafeBytes { writeAll($0, to: descriptor) })
        close(descriptor)
        #expect(try Settings(schema: schema, file: path).integer("loops") == 7)
        #expect(
            performing: { _ = try Settings(schema: schema, file: path + "x") },
            throws: {
                "\($0)" == "\(path)x: No such file or directory"
            })
        #expect(
            performing: { _ = try Settings(schema: schema, file: "/tmp") },
            throws: { "\($0)" == "/tmp: Is a directory" })
        #expect(
            performing: { _ = try Settings(schema: schema, file: "/dev/zero") },
            throws: {
                "\($0)" == "/dev/zero: is larger than 1048576 bytes"
            })
    }
}
