internal import Access
internal import Fanout
internal import Grid
internal import Hub
internal import Reactor

/// The coordinator's settings, checked: what flags, environment and file came to.
struct CoordinatorConfiguration: Sendable {
    var listen: SocketAddress
    var dataDirectory: String
    /// How many loops serve connections.
    var loops: Int
    /// Allows what only a developer's own machine should allow, on loopback alone.
    var isDevelopment: Bool
    /// nil: no TLS.
    var tls: TLSSource?
    var allowedOrigins: [String]
    var jwtIssuer: String?
    var jwtAudience: String?
    var jwtSecretFile: String?
    var jwtPublicKeyFile: String?
    var jwtAlgorithms: Set<JWTAlgorithm>
    var leaseMilliseconds: Int
    var sampleIntervalMilliseconds: Int
    var drainMilliseconds: Int
    /// From one `system_metrics` of the NeuroGraph dialect to the next.
    var systemMetricsMilliseconds = Limits.systemMetricsSeconds * 1000
    /// How much is kept of each base room's log.
    var history: HistoryBounds
    /// Whether `/metrics` and statistics need no token; `nil`: on loopback, unless a proxy passed the request on.
    var publicStatistics: Bool?
    /// Whether the market needs no token (QUBIX); `nil`: on loopback, unless a proxy passed the upgrade on.
    var anonymousMarketplace: Bool?
    /// The runners of tasks that TriggerX names by their definition; those of others are external.
    var taskDefinitions: [Int64: String] = [:]
    var limits: LimitSettings
    /// What an operator may set about tasks, money, trust and routing; the rest of it comes from the fields above.
    var decisions = HubConfiguration()

    /// What one credit is worth in each currency that tasks are paid in, in micro-units.
    var microsPerCredit: [Currency: Int64] { decisions.microsPerCredit }

    /// Everything that the Hub is to know.
    var hubConfiguration: HubConfiguration {
        var hub = decisions
        hub.leaseNanoseconds = UInt64(leaseMilliseconds) * 1_000_000
        hub.sampleIntervalMilliseconds = UInt32(sampleIntervalMilliseconds)
        hub.history = history
        hub.bufferedEvents = limits.bufferedEventsPerClient
        return hub
    }

    /// Where the listener's certificate comes from.
    enum TLSSource: Hashable, Sendable {
        case files(TLSFiles)
        /// Made in the data directory, for a developer's own machine.
        case selfSigned(clientAuthorities: String?)
    }

    /// The limits that an operator may set; 0 = no limit.
    struct LimitSettings: Sendable {
        var connectionsPerIPPerMinute = Limits.connectionsPerIPPerMinute
        var connectionsPerIP = Limits.connectionsPerIP
        var messagesPerConnectionPerMinute = Limits.messagesPerConnectionPerMinute
        var roomsPerConnection = Limits.roomsPerConnection
        var subscriptionsPerClient = Limits.subscriptionsPerClient
        var bufferedEventsPerClient = Limits.bufferedEvents
        var neurographConnections = Limits.neurographConnections
        var eventsPerClientPerMinute = Limits.eventsPerClientPerMinute
        var messageBytes = Limits.messageBytes
        var upgradesPerSecond = Limits.upgradesPerSecond
        var agentHandshakes = Limits.agentHandshakes
        var slowConflateBytes = Limits.slowConflateBytes
        var slowDeadlineMilliseconds = Limits.slowDeadlineSeconds * 1000
        var conflatedDeadlineMilliseconds = Limits.conflatedDeadlineSeconds * 1000
        /// Of the process; within what its descriptors allow.
        var connections = 0
        var controlFramesPerMinute = Limits.controlFramesPerMinute
        var messageAssemblyMilliseconds = Limits.messageAssemblySeconds * 1000
    }

    /// What slow subscribers of one loop may cost.
    var fanoutLimits: FanoutLimits {
        var fanout = FanoutLimits()
        fanout.conflateBytes = limits.slowConflateBytes
        fanout.stalledNanoseconds = UInt64(limits.slowDeadlineMilliseconds) * 1_000_000
        fanout.conflatedNanoseconds = UInt64(limits.conflatedDeadlineMilliseconds) * 1_000_000
        // At least one reader's worth, however many loops share the whole.
        fanout.rescuedBytesTotal = max(fanout.rescuedBytes, Limits.rescuedBytesTotal / max(1, loops))
        return fanout
    }

    /// Whether a request may read statistics without a token (EVENTS 26).
    ///
    /// - Parameter isForwarded: whether it says that a proxy passed it on.
    func opensStatistics(isForwarded: Bool) -> Bool { publicStatistics ?? (listen.isLoopback && !isForwarded) }

    /// Whether an upgrade may look at the market without a token (EVENTS 15).
    ///
    /// - Parameter isForwarded: whether it says that a proxy passed it on.
    func opensMarketplace(isForwarded: Bool) -> Bool { anonymousMarketplace ?? (listen.isLoopback && !isForwarded) }

    /// Whether a browser's page of that origin may open a WebSocket.
    ///
    /// Pages of the coordinator's own host may, and those the operator named; with `*`, all.
    func allowsOrigin(_ origin: String, host: String?) -> Bool {
        if allowedOrigins.contains("*") || allowedOrigins.contains(origin) { return true }
        guard let host, let scheme = origin.range(of: "://") else { return false }
        return origin[scheme.upperBound...].lowercased() == host.lowercased()
    }
}

extension String {
    /// Where a short text stands in this one. (The standard library alone has no substring search by range.)
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
