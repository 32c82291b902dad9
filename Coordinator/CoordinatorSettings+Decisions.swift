internal import Grid
internal import Hub
internal import Service

/// The keys about tasks, money, trust and routing.
extension CoordinatorSettings {
    private static let hub = HubConfiguration()
    private static let day = 86_400 * second

    static let decisions = [
        Setting(
            "tasks.lease", .duration(2 * second...3600 * second), default: .duration(hub.taskLeaseNanoseconds),
            meaning: "a node's silence after which its tasks are given to others"),
        Setting(
            "tasks.definitions.*", .text(maximumBytes: Limits.runnerNameBytes),
            meaning: "the runner of tasks of that task_definition_id that TriggerX clients make; others are external"),
        Setting(
            "ledger.platform_fee_percent", .number(0...100),
            default: .number(Double(hub.platformFeeBasisPoints) / 100),
            meaning: "the platform's share of what is paid for a task, to hundredths"),
        Setting(
            "ledger.currencies.*", .number(0.001...100_000),
            meaning: "what one credit (1 USD) is worth in that currency; where none is named, NEURO is, with 10"),
        Setting(
            "trust.replication_percent", .number(0...100), default: .number(Double(hub.replicationBasisPoints) / 100),
            meaning: "the share of tasks that a second node runs as well, to compare"),
        Setting(
            "trust.compared_runners", .list(maximumCount: Limits.runnersPerNode),
            default: .list(hub.comparedRunners.sorted()),
            meaning: "the runners whose tasks give the same on every machine, and may run twice: no others are compared"
        ),
        Setting(
            "trust.challenge_interval", .duration(60 * second...30 * day, orZero: true),
            default: .duration(hub.challengeEveryNanoseconds),
            meaning: "how often a node must prove that it computes"),
        Setting(
            "routing.starvation", .duration(second...30 * day), default: .duration(hub.routing.starvationNanoseconds),
            meaning: "a task that has waited so long goes before all that have not"),
        Setting(
            "routing.usage_half_life", .duration(60 * second...366 * day),
            default: .duration(hub.routing.usageHalfLifeNanoseconds),
            meaning: "after so long half of what a user has had of the grid is forgotten"),
        Setting(
            "routing.retry_base", .duration(1_000_000...3600 * second),
            default: .duration(hub.routing.retryBaseNanoseconds),
            meaning: "the longest wait before a failed task's second attempt; doubled with each further one"),
        Setting(
            "routing.retry_cap", .duration(1_000_000...day), default: .duration(hub.routing.retryCapNanoseconds),
            meaning: "the longest wait before any attempt"),
    ]

    /// What they come to.
    ///
    /// - Throws: a `SettingsError` that names key, value and place, for what contradicts another key.
    static func decisions(_ settings: Settings) throws(SettingsError) -> HubConfiguration {
        var hub = HubConfiguration()
        func set(_ key: String, _ path: WritableKeyPath<HubConfiguration, UInt64>) {
            if let value = settings.nanoseconds(key) { hub[keyPath: path] = value }
        }
        func basisPoints(_ key: String) -> Int64 { Int64(((settings.number(key) ?? 0) * 100).rounded()) }
        set("tasks.lease", \.taskLeaseNanoseconds)
        set("limits.broadcast.nodes", \.nodesEveryNanoseconds)
        set("limits.broadcast.progress", \.progressEveryNanoseconds)
        set("trust.challenge_interval", \.challengeEveryNanoseconds)
        set("routing.starvation", \.routing.starvationNanoseconds)
        set("routing.usage_half_life", \.routing.usageHalfLifeNanoseconds)
        set("routing.retry_base", \.routing.retryBaseNanoseconds)
        set("routing.retry_cap", \.routing.retryCapNanoseconds)
        set("limits.broadcast.analytics", \.analyticsEveryNanoseconds)
        hub.alerts = alerts(settings)
        hub.platformFeeBasisPoints = basisPoints("ledger.platform_fee_percent")
        hub.replicationBasisPoints = basisPoints("trust.replication_percent")
        hub.comparedRunners = try comparedRunners(settings)
        if let lease = settings.nanoseconds("health.lease"), hub.taskLeaseNanoseconds < lease {
            // A node is offline before its tasks are lost. Who asks for patience with nodes alone gets both.
            guard settings.source(of: "tasks.lease") == .builtIn else {
                throw settings.fault("tasks.lease", "is shorter than health.lease")
            }
            hub.taskLeaseNanoseconds = lease
        }
        if hub.routing.retryCapNanoseconds < hub.routing.retryBaseNanoseconds {
            throw settings.fault("routing.retry_cap", "is shorter than routing.retry_base")
        }
        let names = settings.names(in: "ledger.currencies")
        guard !names.isEmpty else { return hub }
        hub.microsPerCredit = [.usd: 1_000_000]
        for name in names {
            let key = "ledger.currencies.\(name)"
            guard let currency = Currency(name) else { throw settings.fault(key, "belongs to no currency's code") }
            let units = settings.number(key) ?? 0
            if currency == .usd, units != 1 { throw settings.fault(key, "is not 1: a credit is a US dollar") }
            hub.microsPerCredit[currency] = Int64((units * 1_000_000).rounded())
        }
        return hub
    }

    /// The runners of tasks, by what TriggerX calls their definition.
    static func taskDefinitions(_ settings: Settings) throws(SettingsError) -> [Int64: String] {
        var runners: [Int64: String] = [:]
        for name in settings.names(in: "tasks.definitions") {
            let key = "tasks.definitions.\(name)"
            guard let number = Int64(name), number >= 0, "\(number)" == name else {
                throw settings.fault(key, "belongs to no task_definition_id, which is a whole number")
            }
            guard let runner = settings.text(key), !runner.isEmpty else {
                throw settings.fault(key, "is no runner's name")
            }
            runners[number] = runner
        }
        return runners
    }

    /// The names of runners that are compared; each is one that an agent can offer.
    private static func comparedRunners(_ settings: Settings) throws(SettingsError) -> Set<String> {
        let key = "trust.compared_runners"
        let names = settings.list(key)
        guard names.allSatisfy({ (1...Limits.runnerNameBytes).contains($0.utf8.count) }) else {
            throw settings.fault(key, "has an entry that is no runner's name: 1 to \(Limits.runnerNameBytes) bytes")
        }
        return Set(names)
    }
}
