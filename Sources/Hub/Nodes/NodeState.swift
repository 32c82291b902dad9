internal import Grid

/// What the Hub knows of a node beyond its record: everything that a restart forgets.
struct NodeState: Sendable {
    /// Where the node's agent is, as far as the Hub can tell.
    enum Presence: UInt8, Sendable {
        /// It never proved itself.
        case unseen
        /// The coordinator has just started, and the lease that the node held runs anew.
        case awaited
        /// Its lease runs.
        case present
        /// Its lease ended.
        case silent
        /// It said goodbye.
        case stopped
    }

    var presence = Presence.unseen
    var status = NodeStatus.offline
    var statusChangedAt: Timestamp?
    /// What the market was last told of it; `nil` before the first time.
    var listing: NodeListing?

    /// What EyeNet's clients were last told of it.
    var condition = DeviceCondition.down

    // The agent's session
    var session: SessionID?
    var sessionBegan: UInt64 = 0
    /// Known to the agent alone: who presents it is the same agent come back.
    var secret: UUID128?
    /// Monotonic nanoseconds and wall clock of the last sample or heartbeat.
    var lastHeard: UInt64 = 0
    var lastHeardAt: Timestamp?
    /// Whether the heap of leases has an entry for the node.
    var isLeaseQueued = false

    // Its inventory
    /// Whether the newest one waits to be stored.
    var isInventoryOwed = false
    /// From when on, in monotonic nanoseconds, the next one may be stored.
    var inventoryDue: UInt64 = 0

    // Its tasks
    /// The runs that hold a lease here and have not ended, oldest first.
    var runs: [HeldRun] = []
    /// Runs that lost their lease and may still go on.
    var closing: [ClosingRun] = []
    /// Whether the heap of task leases has an entry for the node.
    var isTaskLeaseQueued = false
    /// Whether the present session has told which runs the agent has.
    var hasToldRuns = false
    /// Whether an agent has told the node's runners since the coordinator's start.
    var hasToldRunners = false
    /// What the router was last told; `nil` before the first time.
    var offer: NodeCapacity?
    /// Of the offer, beside what is looked at after each sample.
    var offeredScore: Int8?
    var wasGated = false
    /// The bits of the router's GPUs, by their place in the list: NVML's indices.
    var rentedGPUs: [UInt8] = []

    // Its samples
    var stream = SampleStream()
    var window = AcknowledgementWindow()
    var clock = ClockOffset()
    var gaps = SampleGaps()
    var latest: NodeSample?
    var latestReceived: UInt64 = 0
    var latestDetail: HostDetail?
    /// How often it is told of to those who are no administrators.
    var telling = TellingRate()

    var signals = HealthSignals()
    var plausibility = Plausibility()
    var watch = AlertWatch()
    /// Of the latest sample; with its reasons only in ``health(now:)``.
    var score = HealthScore.unknown

    /// What filters ask, ready for every event of the node.
    var facts = EventFacts()

    init(record: NodeRecord) {
        facts.node = record.id
        follow(record)
    }

    /// Takes over what the record says of owner, place and GPUs.
    mutating func follow(_ record: NodeRecord) {
        facts.owner = record.owner
        facts.region = record.location.region.isEmpty ? nil : record.location.region
        signals.expect(record.specifications?.gpus ?? [])
        plausibility.expect(record.specifications?.gpus ?? [])
    }
}

extension NodeState {
    /// Samples older than this, or than so many of their own intervals, no longer say how the node is.
    private static let freshNanoseconds: UInt64 = 10_000_000_000
    private static let freshIntervals: UInt64 = 3

    /// The latest sample while it tells of the present; `nil` where the node is offline or has told nothing lately.
    func currentSample(now: UInt64) -> NodeSample? {
        guard presence == .present, let latest else { return nil }
        let interval = UInt64(latest.intervalMilliseconds) * 1_000_000
        let age = now.distanceBehind(latestReceived)
        return age <= max(Self.freshNanoseconds, interval * Self.freshIntervals) ? latest : nil
    }

    /// When the latest sample came; `nil` before the first one.
    func lastSampleAt(_ now: Now) -> Timestamp? {
        guard latest != nil else { return nil }
        return Timestamp(milliseconds: now.wallMicroseconds(at: latestReceived) / 1000)
    }

    /// The node's health at this moment, with its reasons.
    func health(now: UInt64) -> Health {
        let second = HealthSignals.second(now)
        switch presence {
        case .unseen: return .unknown
        case .awaited: return Verdict.nothingKnown(.awaitingAgent)
        case .stopped: return Verdict.nothingKnown(.agentStopped)
        case .silent: return Verdict.leaseLost(signals, last: score, second: second)
        case .present: break
        }
        guard currentSample(now: now) != nil else {
            let isNew = latest == nil || latestReceived < sessionBegan
            return Verdict.nothingKnown(isNew ? .noSample : .samplesMissing)
        }
        return Verdict.explain(signals, HealthScore.of(signals, second: second), second: second)
    }

    /// The answer to a read.
    func summary(_ record: NodeRecord, now: UInt64) -> NodeSummary {
        var summary = NodeSummary(record: record, status: status, health: health(now: now))
        summary.statusChangedAt = statusChangedAt
        summary.latestSample = latest
        summary.latestDetail = latestDetail
        summary.lastHeardAt = lastHeardAt
        summary.isConnected = session != nil
        summary.gaps = gaps
        return summary
    }
}
