@testable import Service

extension FuzzTarget {
    /// The configuration file: whatever stands in it, it is read or refused in one line.
    static let settings = FuzzTarget("settings") { input in
        let bytes = [UInt8](input)
        do {
            let file = try SettingsFile(path: "grid.json5", bytes: bytes)
            let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
            for key in file.keys {
                try require((1...lines).contains(key.line), "the key \(key.path) on line \(key.line) of \(lines)")
                try require(file.line(of: key.path) == key.line, "the key \(key.path) stands on two lines")
            }
            _ = try Settings(schema: schema, file: file, environment: Environment([:]), arguments: nil)
        } catch let error as SettingsError {
            let text = error.description
            try require(text.hasPrefix("grid.json5"), "a fault without its place: \(text)")
            try require(text.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "a fault of several lines: \(text)")
        }
    }

    private static let schema = SettingsSchema([
        Setting("listen", .text(), default: .text("127.0.0.1:3001"), meaning: "where to listen"),
        Setting("loops", .integer(1...64), default: .integer(2), meaning: "threads"),
        Setting("dev", .bool, default: .bool(false), meaning: "for development"),
        Setting("secret", .text(), meaning: "what nobody may read", isSecret: true),
        Setting("auth.algorithms", .choices(["HS256", "EdDSA"]), default: .list(["HS256"]), meaning: "allowed"),
        Setting("limits.ratio", .number(0...1), default: .number(0.5), meaning: "share"),
        Setting("lease", .duration(1_000_000_000...60_000_000_000), meaning: "silence"),
        Setting("runners.*.argv", .list(), meaning: "the program"),
        Setting("runners.*.slots", .integer(1...8), default: .integer(1), meaning: "at once"),
    ])
}
