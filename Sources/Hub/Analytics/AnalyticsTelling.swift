internal import Grid

/// What the platform does as a whole, told every few seconds while somebody looks.
extension Hub {
    /// The shortest time between two updates, in nanoseconds: nothing among the figures changes faster.
    private static let shortestNanoseconds: UInt64 = 1_000_000_000

    private var analyticsEvery: UInt64 { max(configuration.analyticsEveryNanoseconds, Self.shortestNanoseconds) }

    /// Sees to it that the next update comes while somebody looks.
    mutating func scheduleAnalytics(_ now: Now) {
        guard analytics.dueAt == nil, rooms.views.isViewed(.analytics) else { return }
        // Those that were resolved while nobody looked are over.
        alerts.takeResolved()
        analytics.dueAt = now.monotonicNanoseconds &+ analyticsEvery
    }

    /// Tells the update whose time has come.
    mutating func tellDueAnalytics(_ now: Now, _ effects: inout [Effect]) {
        guard let due = analytics.dueAt, due <= now.monotonicNanoseconds else { return }
        analytics.dueAt = nil
        let views = rooms.viewing(.analytics, .others, EventFacts())
        guard !views.isEmpty else { return }
        rooms.publish(.analyticsUpdated(analyticsNow(now)), EventFacts(), to: views, now, &effects)
        alerts.takeResolved()
        analytics.dueAt = now.monotonicNanoseconds &+ analyticsEvery
    }

    /// The figures at this moment; one look at each node and session.
    func analyticsNow(_ now: Now) -> AnalyticsUpdated {
        var metrics = PlatformMetrics()
        metrics.activeUsers = analytics.activeUsers(connected: rooms.sessions.values.lazy.map(\.subscriber.user), now)
        metrics.tasksPerMinute = analytics.endedInLastMinute(now)
        metrics.averageResponseMilliseconds = analytics.averageResponseMilliseconds(now)
        var network = NetworkLoad()
        for index in nodes.states.indices {
            let state = nodes.states[index]
            guard state.lastHeardAt != nil, Analytics.isRecent(state.lastHeard, now) else { continue }
            metrics.activeNodes += 1
            guard let speed = nodes.records[index].specifications?.networkMegabitsPerSecond,
                let sample = state.currentSample(now: now.monotonicNanoseconds)
            else { continue }
            network.add(sample, megabitsPerSecond: speed)
        }
        metrics.networkUtilizationHundredths = network.hundredths
        return AnalyticsUpdated(metrics: metrics, alerts: alerts.current, at: now.wall)
    }
}

/// The traffic of several nodes against what their links can carry.
struct NetworkLoad: Sendable {
    private var kilobitsPerSecond: UInt64 = 0
    private var megabitsPerSecond: UInt64 = 0

    /// No link is faster than this, in Mbit/s; an agent may say anything.
    private static let fastest = 10_000_000

    /// Adds a node, if its sample tells of its traffic.
    mutating func add(_ sample: NodeSample, megabitsPerSecond speed: Int) {
        guard (1...Self.fastest).contains(speed), sample.intervalMilliseconds > 0,
            let received = sample.host.networkReceivedBytes, let sent = sample.host.networkSentBytes
        else { return }
        // Bytes within milliseconds are bits within eighths of them, in thousands a second.
        let bytes = min(received, UInt64.max >> 8) + min(sent, UInt64.max >> 8)
        // A link carries so much in both directions, and no more.
        let most = UInt64(speed) * 2000
        kilobitsPerSecond += min(bytes * 8 / UInt64(sample.intervalMilliseconds), most)
        megabitsPerSecond += UInt64(speed)
    }

    /// In hundredths of a percent, at most 100 %; `nil` without a link.
    var hundredths: Int64? {
        guard megabitsPerSecond > 0 else { return nil }
        return Int64(min(kilobitsPerSecond * 10 / megabitsPerSecond, 10_000))
    }
}
