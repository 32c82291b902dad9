internal import Access
internal import Grid
internal import Service

/// `api-key create`: makes a key for a user.
enum APIKeyCreateCommand {
    static let command = Command(
        "api-key create", summary: "Make an API key for a user and print it, alone and this once.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag(
                "user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U", meaning: "for whom it speaks",
                isRequired: true),
            Flag("name", .text(maximumBytes: Limits.apiKeyNameBytes), placeholder: "N", meaning: "what it is for"),
            Flag(
                "rate-per-minute", .integer(0...Int64(Limits.apiKeyRateMost)), placeholder: "R",
                meaning: "requests and messages a minute, 0 = no limit", defaultText: "\(Limits.apiKeyRatePerMinute)"),
            Flag(
                "ttl", OperatorFlags.lifetime, placeholder: "TIME",
                meaning: "how long it is good; until it is revoked unless given"),
        ])

    static func run(_ arguments: Arguments) -> Never {
        let order = OperatorRequest.KeyOrder(
            user: arguments.text("user") ?? "", name: arguments.text("name") ?? "",
            ratePerMinute: arguments.integer("rate-per-minute") ?? Int64(Limits.apiKeyRatePerMinute),
            timeToLiveSeconds: arguments.nanoseconds("ttl").map { Int64($0 / 1_000_000_000) })
        OperatorFlags.runAndExit(.createKey(order), arguments)
    }
}

/// `api-key list`: tells which keys there are.
enum APIKeyListCommand {
    static let command = Command(
        "api-key list", summary: "Print the API keys there are as CSV, revoked and expired ones among them.",
        flags: [
            OperatorFlags.dataDirectory,
            Flag("user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U", meaning: "of that user alone"),
        ])

    static func run(_ arguments: Arguments) -> Never {
        OperatorFlags.runAndExit(.listKeys(user: arguments.text("user")), arguments, terminator: "")
    }

    /// The keys as rows under their titles.
    static func text(_ keys: [APIKeyRecord]) -> String {
        let titles = [
            "id", "user", "name", "rate_per_minute", "created_at", "last_used_at", "revoked_at", "expires_at",
        ]
        return keys.reduce(into: CSVRow.text(titles)) { text, key in
            text += CSVRow.text([
                key.id.description, key.owner.text, key.name, "\(key.ratePerMinute)", key.createdAt.iso8601,
                key.lastUsedAt?.iso8601 ?? "", key.revokedAt?.iso8601 ?? "", key.expiresAt?.iso8601 ?? "",
            ])
        }
    }
}

/// `api-key revoke`: takes a key back.
enum APIKeyRevokeCommand {
    static let command = Command(
        "api-key revoke", summary: "Take an API key back; sessions that were opened with it are closed.",
        flags: [OperatorFlags.dataDirectory],
        positionals: [Positional("ID_OR_KEY", meaning: "its identifier, as listed, or the key itself")])

    static func run(_ arguments: Arguments) -> Never {
        guard let reference = reference(arguments.text("ID_OR_KEY") ?? "") else {
            // Not shown again: it may be most of a key.
            OperatorFlags.fail("ID_OR_KEY is neither an identifier nor an API key", ExitCode.usage)
        }
        OperatorFlags.runAndExit(.revokeKey(reference), arguments)
    }

    /// The key that a word names; the key itself does not leave the process.
    static func reference(_ word: String) -> APIKeyReference? {
        if let key = APIKey(word) { return .digest(key.digest) }
        return APIKeyID(word).map { .id($0) }
    }
}
