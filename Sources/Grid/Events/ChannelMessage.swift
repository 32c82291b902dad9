/// A message of the NeuroGraph dialect's own channels: it tells of nothing that another dialect knows.
public struct ChannelMessage: Hashable, Sendable {
    /// `nil`: to everybody, whatever they subscribed to.
    public var channel: EventChannel?
    public var content: Content

    public init(channel: EventChannel?, content: Content) {
        self.channel = channel
        self.content = content
    }

    /// What it says.
    public enum Content: Hashable, Sendable {
        /// What somebody had broadcast.
        ///
        /// - Parameters:
        ///   - type: 1 to ``Limits/eventTypeBytes`` bytes.
        ///   - data: JSON text of at most ``Limits/broadcastBytes``.
        case broadcast(type: String, data: String)
        /// `system_metrics`.
        case system(SystemMetrics)
    }

    /// About how many bytes it takes as a message.
    var approximateByteCount: Int {
        switch content {
        case .broadcast(let type, let data): 128 + type.utf8.count + data.utf8.count
        case .system: 224
        }
    }
}

/// What the coordinator's process has of its machine.
public struct ProcessReading: Hashable, Sendable {
    /// Of one core, since the reading before, in hundredths of a percent: several cores make more than 100 %. `nil` for
    /// the first reading.
    public var cpuHundredths: Int64?
    public var residentBytes: UInt64

    public init(cpuHundredths: Int64?, residentBytes: UInt64) {
        self.cpuHundredths = cpuHundredths
        self.residentBytes = residentBytes
    }
}

/// How the coordinator does.
public struct SystemMetrics: Hashable, Sendable {
    public var process: ProcessReading
    /// Events of the grid since the reading before, a second, in hundredths; `nil` for the first reading.
    public var eventsPerSecondHundredths: Int64?
    /// Over all results that told of tokens.
    public var totalTokens: UInt64

    public init(process: ProcessReading, eventsPerSecondHundredths: Int64?, totalTokens: UInt64) {
        self.process = process
        self.eventsPerSecondHundredths = eventsPerSecondHundredths
        self.totalTokens = totalTokens
    }
}
