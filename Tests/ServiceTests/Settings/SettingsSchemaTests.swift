import Testing

@testable import Service

@Suite struct SettingsSchemaTests {
    private let schema = SettingsSchema([
        Setting(
            "listen", .text(), default: .text("a|b"), meaning: "where", environment: "NG_LISTEN", flag: "listen",
            placeholder: "ADDRESS"),
        Setting("quiet", .bool, default: .bool(false), meaning: "less", flag: "quiet"),
        Setting("limits.bytes", .integer(1...2, orZero: true), default: .integer(1), meaning: "most"),
        Setting("limits.key", .text(), default: .text("k"), meaning: "hidden", isSecret: true),
        Setting("runners.*.argv", .list(), meaning: "program", isRequired: true),
    ])

    @Test func documentationIsATableForEachGroup() {
        let expected = """
            | Key | Holds | Default | Variable | Flag | Meaning |
            |---|---|---|---|---|---|
            | `listen` | text | `a\\|b` | `NG_LISTEN` | `--listen` | where |
            | `quiet` | true or false | `false` |  | `--quiet` | less |

            ### `limits`

            | Key | Holds | Default | Variable | Flag | Meaning |
            |---|---|---|---|---|---|
            | `limits.bytes` | whole number 1…2, or 0 for no limit | `1` |  |  | most |
            | `limits.key` | text | [redacted] |  |  | hidden |

            ### `runners.*`

            | Key | Holds | Default | Variable | Flag | Meaning |
            |---|---|---|---|---|---|
            | `runners.*.argv` | list of texts | needed |  |  | program |

            """
        #expect(schema.documentation == expected)
    }

    @Test func flagsAreThoseOfTheKeysThatHaveOne() {
        #expect(
            schema.flags == [
                Flag("listen", .text(), placeholder: "ADDRESS", meaning: "where", defaultText: "a|b"),
                Flag("quiet", .bool, meaning: "less"),
            ])
    }

    @Test func pathsAreSettingsGroupsOrUnknown() {
        #expect(schema.match(["limits"]) == .group)
        #expect(schema.match(["runners", "gpu-1"]) == .group)
        #expect(schema.match(["runners", "no name"]) == .unknown)
        #expect(schema.match(["runners", "gpu", "argv"]) == .setting(schema.settings[4]))
        #expect(schema.match(["limits", "bytes", "more"]) == .unknown)
        #expect(schema.match(["other"]) == .unknown)
    }
}
