internal import Access
internal import Grid
internal import Hub
internal import Reactor
internal import Service

/// The coordinator's configuration keys, and how they become a ``CoordinatorConfiguration``.
enum CoordinatorSettings {
    static let second: UInt64 = 1_000_000_000

    /// All keys, in the order of docs/configuration.md.
    static let schema = SettingsSchema(
        [
            Setting(
                "listen", .text(maximumBytes: 256), default: .text("127.0.0.1:3001"),
                meaning: "address and port to listen on; port 0 picks a free one",
                environment: "NEUROGRID_LISTEN", flag: "listen", placeholder: "ADDRESS:PORT"),
            Setting(
                "data_dir", .text(), default: .text("neurogrid-data"),
                meaning: "folder of the store, the signing secret and the control socket",
                environment: "NEUROGRID_DATA_DIR", flag: "data-dir", placeholder: "DIR"),
            Setting(
                "loops", .integer(0...64), default: .integer(0),
                meaning: "loops that serve connections, 0 for one a core", environment: "NEUROGRID_LOOPS",
                flag: "loops", placeholder: "N"),
            Setting(
                "dev", .bool, default: .bool(false),
                meaning: "development mode: listens on loopback only, and NeuroGraph clients need no token",
                environment: "NEUROGRID_DEV", flag: "dev"),
            Setting(
                "store", .text(maximumBytes: 1024), default: .text("sqlite"),
                meaning: "where durable state is kept; this release knows sqlite"),
            Setting(
                "backplane", .text(maximumBytes: 1024), default: .text(""),
                meaning: "how sibling coordinators are told; this release has none"),
            Setting(
                "log.level", .choice(["error", "warn", "info", "debug"]), default: .text("info"),
                meaning: "the least important lines to write", environment: "NEUROGRID_LOG_LEVEL", flag: "log-level",
                placeholder: "LEVEL"),
            Setting(
                "log.format", .choice(["text", "json"]), default: .text("text"),
                meaning: "how lines are written to stderr", environment: "NEUROGRID_LOG_FORMAT", flag: "log-format",
                placeholder: "FORMAT"),
        ] + tls + authentication + limits + broadcast + history + nodes + decisions + alerts)

    private static let tls = [
        Setting(
            "tls.certificate", .text(), meaning: "PEM file of the certificate, its chain behind it; turns TLS on"),
        Setting("tls.private_key", .text(), meaning: "PEM file of its key, unencrypted, not readable by everybody"),
        Setting(
            "tls.client_ca", .text(),
            meaning: "PEM file of the authorities of agents, each of which must then show a certificate"),
        Setting(
            "tls.self_signed", .bool, default: .bool(false),
            meaning: "TLS with a certificate of its own, made in data_dir for localhost; only with dev",
            flag: "tls-self-signed"),
    ]

    private static let authentication = [
        Setting(
            "auth.jwt.algorithms", .choices(["HS256", "RS256", "ES256", "EdDSA"]),
            default: .list(["HS256", "RS256", "ES256", "EdDSA"]),
            meaning: "signatures that are accepted, each by the key of its kind"),
        Setting(
            "auth.jwt.secret_file", .text(), meaning: "file with the HS256 secret; default is data_dir/jwt.key"),
        Setting(
            "auth.jwt.public_key_file", .text(),
            meaning: "PEM file of a further key: RSA for RS256, P-256 for ES256, Ed25519 for EdDSA"),
        Setting("auth.jwt.jwks_file", .text(), meaning: "further keys as a JWK set; not built yet"),
        Setting("auth.jwt.issuer", .text(), meaning: "required `iss` of a token"),
        Setting("auth.jwt.audience", .text(), meaning: "required `aud` of a token"),
        Setting(
            "auth.allowed_origins", .list(), default: .list([]),
            meaning: "origins whose pages may open a WebSocket or read /events, beside the coordinator's own; * for all"
        ),
        Setting(
            "auth.anonymous_marketplace", .bool,
            meaning: "whether QUBIX clients need no token for the market; by default true on loopback, not by proxy"),
        Setting(
            "auth.public_stats", .bool,
            meaning:
                "whether /metrics and statistics need no token; by default true on loopback, except through a proxy"),
    ]

    private static func limit(_ key: String, _ value: Int, _ meaning: String) -> Setting {
        Setting(
            "limits.\(key)", .integer(1...1_000_000_000, orZero: true), default: .integer(Int64(value)),
            meaning: meaning)
    }

    private static let limits = [
        limit(
            "connections_per_ip_per_minute", Limits.connectionsPerIPPerMinute,
            "sessions, WebSocket or event stream, an address may open a minute"),
        limit(
            "connections_per_ip", Limits.connectionsPerIP, "sessions, WebSocket or event stream, an address may hold"),
        limit(
            "messages_per_connection_per_minute", Limits.messagesPerConnectionPerMinute,
            "messages a client may send a minute"),
        limit("rooms_per_connection", Limits.roomsPerConnection, "rooms a connection may be in"),
        limit(
            "subscriptions_per_client", Limits.subscriptionsPerClient,
            "subscriptions of a client that does not speak the native dialect"),
        limit(
            "buffered_events_per_client", Limits.bufferedEvents,
            "events that a NeuroGraph client gets which dropped and comes back"),
        limit("neurograph_connections", Limits.neurographConnections, "NeuroGraph connections, of all addresses"),
        limit(
            "events_per_client_per_minute", Limits.eventsPerClientPerMinute,
            "events an EyeNet client may send a minute, and readings it is sent"),
        Setting(
            "limits.message_bytes", .integer(1024...Int64(Limits.assemblyBytesTotal)),
            default: .integer(Int64(Limits.messageBytes)), meaning: "largest message of an authenticated client"),
        limit(
            "upgrades_per_second", Limits.upgradesPerSecond,
            "sessions that may begin a second on each loop in the long run; five times as many at once"),
        limit(
            "agent_handshakes", Limits.agentHandshakes,
            "agents on each loop that may be connected and not have proved themselves"),
        Setting(
            "limits.slow_conflate_bytes", .integer(Int64(Limits.segmentBytes)...Int64(Limits.classBytes / 2)),
            default: .integer(Int64(Limits.slowConflateBytes)),
            meaning: "bytes a client may be behind in a room before it gets the newest of each node only"),
        Setting(
            "limits.slow_deadline", .duration(second...3600 * second),
            default: .duration(UInt64(Limits.slowDeadlineSeconds) * second),
            meaning: "how long a client that is behind may take nothing"),
        Setting(
            "limits.conflated_deadline", .duration(second...86_400 * second),
            default: .duration(UInt64(Limits.conflatedDeadlineSeconds) * second),
            meaning: "how long a client may get the newest only without catching up"),
        Setting(
            "limits.message_assembly", .duration(second...3600 * second),
            default: .duration(UInt64(Limits.messageAssemblySeconds) * second),
            meaning: "from the first byte of a message to its last"),
        limit(
            "control_frames_per_minute", Limits.controlFramesPerMinute,
            "WebSocket pings and pongs a peer may send a minute"),
        limit(
            "connections", 0,
            "connections of all kinds together; descriptors allow fewer where that is less"),
    ]

    private static let history = [
        Setting(
            "history.events", .integer(1...10_000_000), default: .integer(Int64(Limits.historyEvents)),
            meaning: "events kept of each base room's log"),
        Setting(
            "history.bytes", .integer(65_536...(1 << 36)), default: .integer(Int64(Limits.historyBytes)),
            meaning: "their size together, estimated"),
        Setting(
            "history.age", .duration(second...366 * 86_400 * second),
            default: .duration(UInt64(Limits.historyAgeSeconds) * second), meaning: "how long they are kept"),
    ]

    private static let nodes = [
        Setting(
            "health.lease", .duration(2 * second...600 * second),
            default: .duration(UInt64(Limits.leaseSeconds) * second),
            meaning: "silence after which a node is offline"),
        Setting(
            "health.sample_interval", .duration(100_000_000...60 * second), default: .duration(second),
            meaning: "how often agents are asked to sample"),
        Setting(
            "neurograph.metrics_interval", .duration(100_000_000...3600 * second),
            default: .duration(UInt64(Limits.systemMetricsSeconds) * second),
            meaning: "how often the channel metrics of the NeuroGraph dialect is told how the coordinator does"),
        Setting(
            "drain", .duration(0...600 * second), default: .duration(5 * second),
            meaning: "the time over which a stop spreads its goodbyes, at most"),
    ]

    private static func history(_ settings: Settings) -> HistoryBounds {
        var bounds = HistoryBounds()
        if let events = settings.integer("history.events") { bounds.events = Int(events) }
        if let bytes = settings.integer("history.bytes") { bounds.bytes = Int(bytes) }
        if let age = settings.nanoseconds("history.age") { bounds.ageMilliseconds = Int64(age / 1_000_000) }
        return bounds
    }

    /// What the listener's TLS is made of; `nil` for none.
    private static func tls(
        _ settings: Settings
    ) throws(SettingsError) -> CoordinatorConfiguration.TLSSource? {
        let authorities = settings.text("tls.client_ca")
        switch (settings.text("tls.certificate"), settings.text("tls.private_key"), settings.bool("tls.self_signed")) {
        case (let certificate?, let key?, false):
            return .files(TLSFiles(certificate: certificate, privateKey: key, clientAuthorities: authorities))
        case (nil, nil, true):
            guard settings.bool("dev") else { throw settings.fault("tls.self_signed", "is for dev only") }
            return .selfSigned(clientAuthorities: authorities)
        case (nil, nil, false):
            if authorities != nil { throw settings.fault("tls.client_ca", "needs tls.certificate") }
            return nil
        case (_?, _, true): throw settings.fault("tls.certificate", "excludes tls.self_signed")
        case (_, _?, true): throw settings.fault("tls.private_key", "excludes tls.self_signed")
        case (_?, nil, _): throw settings.fault("tls.certificate", "needs tls.private_key")
        case (nil, _?, _): throw settings.fault("tls.private_key", "needs tls.certificate")
        }
    }

    /// Checks what belongs together and cannot be said in the schema.
    ///
    /// - Throws: a `SettingsError` that names key, value and place.
    static func configuration(_ settings: Settings) throws(SettingsError) -> CoordinatorConfiguration {
        guard let listen = SocketAddress.parse(settings.text("listen") ?? "") else {
            throw settings.fault("listen", "is no ADDRESS:PORT")
        }
        let isDevelopment = settings.bool("dev")
        if isDevelopment, !listen.isLoopback { throw settings.fault("listen", "is not loopback, which dev needs") }
        if settings.text("store") != "sqlite" { throw settings.fault("store", "is not built yet, only sqlite is") }
        if settings.text("backplane") != "" { throw settings.fault("backplane", "is not built yet") }
        if settings.text("auth.jwt.jwks_file") != nil { throw settings.fault("auth.jwt.jwks_file", "is not built yet") }
        let names = settings.list("auth.jwt.algorithms")
        let algorithms = JWTAlgorithm.allCases.filter { names.contains($0.rawValue) }
        func count(_ key: String) -> Int { Int(settings.integer("limits.\(key)") ?? 0) }
        if let slow = settings.nanoseconds("limits.slow_deadline"),
            let conflated = settings.nanoseconds("limits.conflated_deadline"), conflated < slow
        {
            throw settings.fault("limits.conflated_deadline", "is shorter than limits.slow_deadline")
        }
        let silence = min(
            settings.nanoseconds("health.sample_interval") ?? 0, UInt64(Limits.heartbeatSeconds) * second)
        if let lease = settings.nanoseconds("health.lease"), lease <= silence {
            throw settings.fault("health.lease", "is no longer than an agent is silent between two signs of life")
        }
        func milliseconds(_ key: String) -> Int { Int((settings.nanoseconds(key) ?? 0) / 1_000_000) }
        var configuration = CoordinatorConfiguration(
            listen: listen, dataDirectory: settings.text("data_dir") ?? "",
            loops: Int(settings.integer("loops") ?? 0), isDevelopment: isDevelopment, tls: try tls(settings),
            allowedOrigins: settings.list("auth.allowed_origins"), jwtIssuer: settings.text("auth.jwt.issuer"),
            jwtAudience: settings.text("auth.jwt.audience"), jwtSecretFile: settings.text("auth.jwt.secret_file"),
            jwtPublicKeyFile: settings.text("auth.jwt.public_key_file"), jwtAlgorithms: Set(algorithms),
            leaseMilliseconds: milliseconds("health.lease"),
            sampleIntervalMilliseconds: milliseconds("health.sample_interval"),
            drainMilliseconds: milliseconds("drain"),
            systemMetricsMilliseconds: milliseconds("neurograph.metrics_interval"), history: history(settings),
            publicStatistics: settings["auth.public_stats"].map { $0 == .bool(true) },
            anonymousMarketplace: settings["auth.anonymous_marketplace"].map { $0 == .bool(true) },
            limits: CoordinatorConfiguration.LimitSettings(
                connectionsPerIPPerMinute: count("connections_per_ip_per_minute"),
                connectionsPerIP: count("connections_per_ip"),
                messagesPerConnectionPerMinute: count("messages_per_connection_per_minute"),
                roomsPerConnection: count("rooms_per_connection"),
                subscriptionsPerClient: count("subscriptions_per_client"),
                bufferedEventsPerClient: count("buffered_events_per_client"),
                neurographConnections: count("neurograph_connections"),
                eventsPerClientPerMinute: count("events_per_client_per_minute"), messageBytes: count("message_bytes"),
                upgradesPerSecond: count("upgrades_per_second"), agentHandshakes: count("agent_handshakes"),
                slowConflateBytes: count("slow_conflate_bytes"),
                slowDeadlineMilliseconds: milliseconds("limits.slow_deadline"),
                conflatedDeadlineMilliseconds: milliseconds("limits.conflated_deadline"),
                connections: count("connections"), controlFramesPerMinute: count("control_frames_per_minute"),
                messageAssemblyMilliseconds: milliseconds("limits.message_assembly")))
        configuration.decisions = try decisions(settings)
        configuration.taskDefinitions = try taskDefinitions(settings)
        return configuration
    }
}
