internal import Grid
internal import Reactor
internal import Service

/// The agent's configuration keys.
enum AgentSettings {
    private static let second: UInt64 = 1_000_000_000

    /// All keys, in the order of docs/configuration.md.
    static let schema = SettingsSchema(
        [
            Setting(
                "coordinator", .text(maximumBytes: 1024), default: .text("ws://127.0.0.1:3001"),
                meaning: "where the coordinator listens", environment: "NEUROGRID_COORDINATOR", flag: "coordinator",
                placeholder: "URL"),
            Setting(
                "state_dir", .text(), default: .text("neurogrid-agent-state"),
                meaning: "folder of the agent's key and identity", environment: "NEUROGRID_STATE_DIR",
                flag: "state-dir",
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
                "tls.ca_file", .text(),
                meaning: "PEM file of the authorities to believe in place of the machine's own",
                environment: "NEUROGRID_CA_FILE", flag: "ca-file", placeholder: "FILE"),
            Setting(
                "tls.certificate", .text(),
                meaning: "PEM file of the certificate to show to a coordinator that asks for it"
            ),
            Setting("tls.private_key", .text(), meaning: "PEM file of its key, unencrypted, not readable by everybody"),
            Setting(
                "location.region", .text(maximumBytes: Limits.regionBytes),
                meaning: "overrides the enrolment's region"),
            Setting(
                "location.city", .text(maximumBytes: Limits.regionBytes), meaning: "overrides the enrolment's city"),
            Setting(
                "location.country", .text(maximumBytes: Limits.regionBytes),
                meaning: "overrides the enrolment's country"),
            Setting(
                "log.level", .choice(["error", "warn", "info", "debug"]), default: .text("info"),
                meaning: "the least important lines to write", environment: "NEUROGRID_LOG_LEVEL", flag: "log-level",
                placeholder: "LEVEL"),
            Setting(
                "log.format", .choice(["text", "json"]), default: .text("text"),
                meaning: "how lines are written to stderr",
                environment: "NEUROGRID_LOG_FORMAT", flag: "log-format", placeholder: "FORMAT"),
        ] + RunnerSettings.settings)

    /// Whom the agent believes and who it is where the coordinator speaks TLS; read from the files each time.
    static func tls(_ settings: Settings) throws(TLSFileError) -> TLSContext {
        let trust = settings.text("tls.ca_file").map { TLSTrust.file($0) } ?? .system
        guard let certificate = settings.text("tls.certificate"), let key = settings.text("tls.private_key") else {
            return try TLSContext(client: trust)
        }
        return try TLSContext(
            client: trust, identity: TLSIdentity(certificateFile: certificate, keyFile: key))
    }

    /// Refuses half a certificate.
    static func check(_ settings: Settings) throws(SettingsError) {
        switch (settings.text("tls.certificate"), settings.text("tls.private_key")) {
        case (_?, nil): throw settings.fault("tls.certificate", "needs tls.private_key")
        case (nil, _?): throw settings.fault("tls.private_key", "needs tls.certificate")
        default: break
        }
    }

    /// The location that the operator of the host names, if any part of it is.
    static func location(_ settings: Settings) -> NodeLocation? {
        let location = NodeLocation(
            region: settings.text("location.region") ?? "", city: settings.text("location.city") ?? "",
            country: settings.text("location.country") ?? "")
        return location == NodeLocation() ? nil : location
    }
}
