internal import Grid
internal import Service

/// The agent's configuration keys.
enum AgentSettings {
    private static let second: UInt64 = 1_000_000_000

    /// All keys, in the order of docs/configuration.md.
    static let schema = SettingsSchema([
        Setting(
            "coordinator", .text(maximumBytes: 1024), default: .text("ws://127.0.0.1:3001"),
            meaning: "where the coordinator listens", environment: "NEUROGRID_COORDINATOR", flag: "coordinator",
            placeholder: "URL"),
        Setting(
            "state_dir", .text(), default: .text("neurogrid-agent-state"),
            meaning: "folder of the agent's key and identity", environment: "NEUROGRID_STATE_DIR", flag: "state-dir",
            placeholder: "DIR"),
        Setting(
            "join_token", .text(maximumBytes: 256),
            meaning: "single-use token of the enrolment; only for the first start",
            environment: "NEUROGRID_JOIN_TOKEN", flag: "join-token", placeholder: "T", isSecret: true),
        Setting(
            "interval",
            .duration(
                UInt64(Limits.sampleIntervalMilliseconds.lowerBound) * 1_000_000...UInt64(
                    Limits.sampleIntervalMilliseconds.upperBound) * 1_000_000), default: .duration(second),
            meaning: "how often to sample; the coordinator may ask for longer", environment: "NEUROGRID_INTERVAL",
            flag: "interval", placeholder: "TIME"),
        Setting(
            "location.region", .text(maximumBytes: Limits.regionBytes), meaning: "overrides the enrolment's region"),
        Setting("location.city", .text(maximumBytes: Limits.regionBytes), meaning: "overrides the enrolment's city"),
        Setting(
            "location.country", .text(maximumBytes: Limits.regionBytes), meaning: "overrides the enrolment's country"),
        Setting(
            "log.level", .choice(["error", "warn", "info", "debug"]), default: .text("info"),
            meaning: "the least important lines to write", environment: "NEUROGRID_LOG_LEVEL", flag: "log-level",
            placeholder: "LEVEL"),
        Setting(
            "log.format", .choice(["text", "json"]), default: .text("text"), meaning: "how lines are written to stderr",
            environment: "NEUROGRID_LOG_FORMAT", flag: "log-format", placeholder: "FORMAT"),
    ])

    /// The location that the operator of the host names, if any part of it is.
    static func location(_ settings: Settings) -> NodeLocation? {
        let location = NodeLocation(
            region: settings.text("location.region") ?? "", city: settings.text("location.city") ?? "",
            country: settings.text("location.country") ?? "")
        return location == NodeLocation() ? nil : location
    }
}
