/// What the platform does as a whole (EVENTS 14).
public struct PlatformMetrics: Hashable, Sendable {
    /// Users and nodes seen in the last five minutes.
    public var activeUsers: Int
    public var activeNodes: Int
    /// Tasks that ended in the last closed minute.
    public var tasksPerMinute: Int
    /// From submission to end, the mean over tasks that ended in the last five minutes; `nil` where none did.
    public var averageResponseMilliseconds: Int64?
    /// The nodes' traffic as a share of their links, in hundredths of a percent; `nil` where no link's speed is known.
    public var networkUtilizationHundredths: Int64?

    public init(
        activeUsers: Int = 0, activeNodes: Int = 0, tasksPerMinute: Int = 0, averageResponseMilliseconds: Int64? = nil,
        networkUtilizationHundredths: Int64? = nil
    ) {
        self.activeUsers = activeUsers
        self.activeNodes = activeNodes
        self.tasksPerMinute = tasksPerMinute
        self.averageResponseMilliseconds = averageResponseMilliseconds
        self.networkUtilizationHundredths = networkUtilizationHundredths
    }
}

/// The platform's analytics, told every few seconds.
public struct AnalyticsUpdated: Hashable, Sendable {
    public var metrics: PlatformMetrics
    /// Alerts that are not resolved, and those that were since the update before; the last changed first, at most
    /// ``Limits/analyticsAlerts``.
    public var alerts: [Alert]
    public var at: Timestamp

    public init(metrics: PlatformMetrics, alerts: [Alert], at: Timestamp) {
        self.metrics = metrics
        self.alerts = alerts
        self.at = at
    }
}
