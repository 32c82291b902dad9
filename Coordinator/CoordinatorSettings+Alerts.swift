internal import Grid
internal import Hub
internal import Service

/// The keys about alerts, and how often things are told.
extension CoordinatorSettings {
    private static let alertDefaults = AlertConfiguration()

    private static func percent(_ key: String, _ value: Int64, _ meaning: String) -> Setting {
        Setting("alerts.\(key)", .integer(1...100, orZero: true), default: .integer(value), meaning: meaning)
    }

    static let broadcast = [
        Setting(
            "limits.broadcast.nodes", .duration(10_000_000...60 * second, orZero: true),
            default: .duration(HubConfiguration().nodesEveryNanoseconds),
            meaning: "how often a node's readings are told at most, but to administrators, who get all"),
        Setting(
            "limits.broadcast.progress", .duration(10_000_000...60 * second, orZero: true),
            default: .duration(HubConfiguration().progressEveryNanoseconds),
            meaning: "how often a task's progress is told, at most"),
        Setting(
            "limits.broadcast.analytics", .duration(second...3600 * second, orZero: true),
            default: .duration(HubConfiguration().analyticsEveryNanoseconds),
            meaning: "the time between two analytics_update; 0 is as short as is useful, a second"),
    ]

    static let alerts = [
        Setting(
            "alerts.node_offline", .bool, default: .bool(alertDefaults.isOfflineRaised),
            meaning: "whether a node that falls silent raises one"),
        percent("health", alertDefaults.healthScore, "a node's health score below which one is raised"),
        Setting(
            "alerts.gpu_temperature", .integer(1...150, orZero: true), default: .integer(alertDefaults.gpuCelsius),
            meaning: "a GPU's temperature in °C"),
        percent("gpu_memory", alertDefaults.gpuMemoryPercent, "the used share of a GPU's memory in percent"),
        Setting(
            "alerts.gpu_errors", .integer(1...1_000_000, orZero: true), default: .integer(alertDefaults.gpuErrors),
            meaning: "uncorrected memory errors of a GPU since its driver was loaded"),
        percent("memory", alertDefaults.memoryPercent, "the used share of a node's memory in percent"),
        percent("disk", alertDefaults.diskPercent, "the used share of a node's fullest file system in percent"),
        Setting(
            "alerts.raise_after", .duration(second...3600 * second, orZero: true),
            default: .duration(UInt64(alertDefaults.raiseAfterSeconds) * second),
            meaning: "how long it must last before one is raised"),
        Setting(
            "alerts.resolve_after", .duration(second...86_400 * second, orZero: true),
            default: .duration(UInt64(alertDefaults.resolveAfterSeconds) * second),
            meaning: "how long it must be gone before one is resolved"),
        Setting(
            "alerts.kept", .integer(1...1_000_000), default: .integer(Int64(alertDefaults.maximumKept)),
            meaning: "alerts that are kept; the oldest resolved one goes first"),
    ]

    /// What they come to.
    static func alerts(_ settings: Settings) -> AlertConfiguration {
        var alerts = AlertConfiguration()
        func set(_ key: String, _ path: WritableKeyPath<AlertConfiguration, Int64>) {
            if let value = settings.integer("alerts.\(key)") { alerts[keyPath: path] = value }
        }
        func seconds(_ key: String, _ path: WritableKeyPath<AlertConfiguration, UInt32>) {
            guard let value = settings.nanoseconds("alerts.\(key)") else { return }
            alerts[keyPath: path] = UInt32(clamping: (value + second - 1) / second)
        }
        alerts.isOfflineRaised = settings.bool("alerts.node_offline")
        set("health", \.healthScore)
        set("gpu_temperature", \.gpuCelsius)
        set("gpu_memory", \.gpuMemoryPercent)
        set("gpu_errors", \.gpuErrors)
        set("memory", \.memoryPercent)
        set("disk", \.diskPercent)
        seconds("raise_after", \.raiseAfterSeconds)
        seconds("resolve_after", \.resolveAfterSeconds)
        if let kept = settings.integer("alerts.kept") { alerts.maximumKept = Int(kept) }
        return alerts
    }
}
