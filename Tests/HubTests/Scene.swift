import Grid

@testable import Hub

/// A Hub with its own clock, and short names for what happens to it.
struct Scene {
    var hub: Hub
    var now: Now
    /// Of the last event.
    var effects: [Effect] = []

    /// - Parameter nodesEvery: how often readings are told; as they come where a test is about something else.
    init(
        _ state: StoredState = Scene.empty, configuration: HubConfiguration = HubConfiguration(), seed: UInt64 = 1,
        nodesEvery: UInt64 = 0
    ) {
        var configuration = configuration
        configuration.nodesEveryNanoseconds = nodesEvery
        now = Now(monotonicNanoseconds: 1_000_000_000_000, wall: Timestamp(milliseconds: 1_705_314_900_000))
        hub = Hub(configuration: configuration, state: state, seed: seed, now: now)
    }

    static let empty = StoredState(coordinatorID: UUID128(high: 7, low: 7))

    @discardableResult
    mutating func apply(_ event: HubEvent) -> [Effect] {
        effects.removeAll()
        hub.apply(event, now: now, effects: &effects)
        return effects
    }

    /// Lets time pass without telling the Hub.
    mutating func wait(milliseconds: Int64) {
        now.monotonicNanoseconds += UInt64(milliseconds) * 1_000_000
        now.wall = now.wall.adding(milliseconds: milliseconds)
    }

    /// Lets time pass as the coordinator does: the Hub is woken at every deadline it asks for.
    @discardableResult
    mutating func run(milliseconds: Int64) -> [Effect] {
        let end = now.monotonicNanoseconds + UInt64(milliseconds) * 1_000_000
        var all: [Effect] = []
        while let deadline = hub.nextDeadlineNanoseconds, deadline <= end {
            let step = deadline > now.monotonicNanoseconds ? deadline - now.monotonicNanoseconds : 0
            now.wall = now.wall.adding(milliseconds: Int64(step / 1_000_000))
            now.monotonicNanoseconds += step
            all += apply(.timePassed)
        }
        now.wall = now.wall.adding(milliseconds: Int64((end - now.monotonicNanoseconds) / 1_000_000))
        now.monotonicNanoseconds = end
        effects = all
        return all
    }

    // MARK: Operators and agents

    @discardableResult
    mutating func enrol(
        _ node: NodeID, token: UInt8, owner: String = "owner", region: String = "us-east-1", seconds: Int64 = 900
    ) -> [Effect] {
        apply(
            .enrolmentRequested(
                RequestID(session: SessionID(bits: 99), number: 1),
                EnrolmentRequest(
                    node: node, owner: UserID(owner), name: "node", location: NodeLocation(region: region),
                    tokenDigest: .test(token), timeToLiveSeconds: seconds)))
    }

    func introduction(
        _ node: NodeID, token: UInt8? = nil, key: UInt8 = 1, stream: UInt64 = 1, previous: UInt64? = nil,
        session: UInt64 = 1, specifications: NodeSpecifications = .oneGPU
    ) -> AgentIntroduction {
        // Every machine has GPUs of its own: a name that is another node's already becomes the node's own.
        var specifications = specifications
        for place in specifications.gpus.indices {
            let holder = hub.trust.claims.holder(of: specifications.gpus[place].uuid)
            if let holder, holder != node { specifications.gpus[place].uuid += "-\(node)" }
        }
        return AgentIntroduction(
            node: node, tokenDigest: token.map { .test($0) }, publicKey: .key(key),
            stream: UUID128(high: 1, low: stream), previousSession: previous.map { UUID128(high: 2, low: $0) },
            specifications: specifications, session: UUID128(high: 2, low: session))
    }

    @discardableResult
    mutating func prove(
        _ session: UInt64, _ node: NodeID, token: UInt8? = nil, key: UInt8 = 1, stream: UInt64 = 1,
        previous: UInt64? = nil, specifications: NodeSpecifications = .oneGPU
    ) -> [Effect] {
        apply(
            .agentProved(
                SessionID(bits: session),
                introduction(
                    node, token: token, key: key, stream: stream, previous: previous, session: session,
                    specifications: specifications)))
    }

    /// Enrols a node and lets its agent in by session `session`.
    mutating func admit(_ node: NodeID, session: UInt64, token: UInt8, owner: String = "owner", region: String = "r") {
        enrol(node, token: token, owner: owner, region: region)
        prove(session, node, token: token)
    }

    /// A sample taken just now.
    func sample(_ sequence: UInt64, _ change: (inout NodeSample) -> Void = { _ in }) -> NodeSample {
        var sample = NodeSample.healthy(sequence, at: now.wall)
        change(&sample)
        return sample
    }

    @discardableResult
    mutating func send(_ session: UInt64, _ sequence: UInt64, _ change: (inout NodeSample) -> Void = { _ in })
        -> [Effect]
    {
        apply(.samplesTaken([SampleArrival(session: SessionID(bits: session), sample: sample(sequence, change))]))
    }

    // MARK: Subscribers

    mutating func open(_ session: UInt64, user: String = "user", _ permissions: Permissions = [.nodeRead, .taskSubmit])
    {
        apply(.sessionOpened(SessionID(bits: session), Subscriber(user: UserID(user), permissions: permissions)))
    }

    @discardableResult
    mutating func join(
        _ session: UInt64, _ room: Room, _ filter: RoomFilter = RoomFilter(), since: LogPosition? = nil
    ) -> [Effect] {
        apply(.joinRequested(SessionID(bits: session), room: room, filter: filter, since: since))
    }

    mutating func summary(_ node: NodeID) -> NodeSummary? {
        let answer = apply(.query(RequestID(session: SessionID(bits: 99), number: 2), .node(node))).first
        guard case .answer(_, .node(let summary)) = answer else { return nil }
        return summary
    }
}

extension NodeID {
    static func test(_ number: UInt64) -> NodeID { NodeID(UUID128(high: 0, low: number)) }
}

extension Digest256 {
    static func test(_ number: UInt8) -> Digest256 { Digest256(bytes: [UInt8](repeating: number, count: 32)) }
}

extension [UInt8] {
    static func key(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
}

extension NodeSpecifications {
    static var oneGPU: NodeSpecifications { gpus(1) }
    static func gpus(_ count: Int) -> NodeSpecifications {
        var specifications = NodeSpecifications()
        specifications.gpus = (0..<count).map { index in
            var gpu = GPUDescription(index: index, uuid: "GPU-\(index)", name: "H100", pciBusID: "0:\(index)")
            gpu.slowdownCelsius = 90
            return gpu
        }
        return specifications
    }
}

extension NodeSample {
    /// A sample of a healthy machine with GPUs 0 ..< `gpus` that tells everything.
    static func healthy(_ sequence: UInt64, at time: Timestamp, gpus: Int = 1) -> NodeSample {
        var sample = NodeSample(sequence: sequence, takenAt: time, intervalMilliseconds: 1000)
        sample.host.filesystemUsedPercent = 40
        sample.gpus = (0..<gpus).map { index in
            var gpu = GPUSample(index: index)
            gpu.temperatureCelsius = 60
            gpu.throttleReasons = 0
            gpu.uncorrectedErrors = 0
            return gpu
        }
        return sample
    }
}

extension [Effect] {
    var publications: [Publication] {
        compactMap { if case .publish(let publication) = $0 { publication } else { nil } }
    }
    var statuses: [NodeStatusChanged] {
        publications.compactMap { if case .nodeStatus(let change) = $0.event.event { change } else { nil } }
    }
    var metrics: [NodeMetrics] {
        publications.compactMap { if case .nodeMetrics(let metrics) = $0.event.event { metrics } else { nil } }
    }
    var acks: [UInt64] { compactMap { if case .agentAck(_, let sequence) = $0 { sequence } else { nil } } }
    var refusals: [Refusal.Code] {
        compactMap {
            switch $0 {
            case .refused(_, let refusal), .joinRefused(_, _, let refusal), .agentRefused(_, let refusal),
                .answer(_, .refused(let refusal)):
                refusal.code
            default: nil
            }
        }
    }
    var welcomes: [AgentWelcome] { compactMap { if case .agentWelcome(_, let welcome) = $0 { welcome } else { nil } } }
    var challenges: [NodeID] { compactMap { if case .agentChallenge(_, let node) = $0 { node } else { nil } } }
    var fencings: [SessionID] { compactMap { if case .agentFenced(let session) = $0 { session } else { nil } } }
    var persisted: [StoreChange] { compactMap(\.change) }
    var audits: [AuditEntry] { compactMap { if case .audit(let entry) = $0 { entry } else { nil } } }
    var joined: [(position: LogPosition, recovery: Recovery?)] {
        compactMap {
            if case .roomJoined(_, _, let position, let recovery) = $0 { (position, recovery) } else { nil }
        }
    }
    var looks: [ViewID?] { compactMap { if case .viewChanged(_, _, let view, _) = $0 { .some(view) } else { nil } } }
    /// Everything as text, to compare whole runs.
    var trace: [String] { map { "\($0)" } }
}

/// Random numbers for property tests, the same in every run.
struct Dice: RandomNumberGenerator {
    var entropy: Entropy
    init(_ seed: UInt64) { entropy = Entropy(seed: seed) }
    mutating func next() -> UInt64 { entropy.next() }
}
