internal import Bytes
internal import Glibc
internal import Reactor
internal import Service

/// What each dialect's clients wait for, while many others are connected: a connection, from TCP's first packet to what
/// the dialect takes for connected, and an event, from the agent's send to the last subscriber's receipt.
///
/// One event is on its way at a time: the next one goes out when all have this one, and not before its time.
final class DialectsRun {
    static let command = Command(
        "dialects", summary: "How long clients of a dialect wait for connections and events.",
        flags: LoadPlan.flags + [
            Flag(
                "data-dir", .text(), placeholder: "DIR", meaning: "the coordinator's data folder, to enrol through",
                isRequired: true),
            Flag("token", .text(maximumBytes: 8192), placeholder: "T", meaning: "a user's token", isRequired: true),
            Flag("api-key", .text(), placeholder: "K", meaning: "the same user's API key", isRequired: true),
            Flag("user", .text(), placeholder: "U", meaning: "that user", isRequired: true),
            Flag(
                "dialect", .text(), placeholder: "D",
                meaning: "native, qubix, neurograph, triggerx or eyenet", isRequired: true),
            Flag(
                "event", .text(), placeholder: "E",
                meaning: "end: what is timed is a task's end, which TriggerX tells of as well"),
            Flag(
                "standing", .integer(0...60_000), placeholder: "N",
                meaning: "connections of all dialects that merely stand", defaultText: "980"),
            Flag(
                "subscribers", .integer(1...60_000), placeholder: "N", meaning: "connections that listen",
                defaultText: "20"),
            Flag(
                "connections", .integer(0...100_000), placeholder: "N",
                meaning: "connections that are opened one after the other, and timed", defaultText: "200"),
            Flag(
                "ready-file", .text(), placeholder: "FILE",
                meaning: "nobody subscribes before it is there: whoever submits tasks makes it when they are in"),
            Flag(
                "hold", .duration(0...7_200_000_000_000), placeholder: "TIME",
                meaning: "stands still for so long, and looks at the server's memory each tenth of it"),
        ])

    private let plan: LoadPlan
    private let driver: LoadDriver
    private let dialect: LoadDialect
    /// What the agent does that is timed.
    let trigger: LoadDialect.Trigger
    private let fleet: AgentFleet
    private let agent: DialectAgent
    private(set) var credentials: DialectCredentials
    private let standing: Crowd
    private let subscribers: Crowd
    private let standingCount: Int
    private let subscriberCount: Int
    private let connectionCount: Int

    /// From send to each receipt, to the last receipt, and from nothing to connected.
    private let each = LatencyHistogram()
    private let last = LatencyHistogram()
    private let connecting = LatencyHistogram()
    private var arrived = 0
    private var sentAt: UInt64 = 0
    private var isOnItsWay = false
    private var isSending = false
    private var delivered: UInt64 = 0
    private var events: UInt64 = 0
    private var eventBytes = 0
    /// When a subscriber was last told of something else.
    private var disturbedAt: UInt64 = 0
    /// More receipts than there are subscribers.
    private var surplus = 0

    init(_ arguments: Arguments) throws {
        plan = try LoadPlan(arguments)
        driver = try LoadDriver(plan: plan)
        guard let dialect = LoadDialect(rawValue: arguments.text("dialect") ?? "") else {
            throw RunFailure("--dialect is none of \(LoadDialect.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.dialect = dialect
        switch arguments.text("event") {
        case nil: trigger = dialect.trigger
        case "end" where dialect == .triggerx: trigger = .ended
        case let other?: throw RunFailure("--event \(other) is nothing that \(dialect.rawValue) is timed with")
        }
        standingCount = Int(arguments.integer("standing") ?? 980)
        subscriberCount = Int(arguments.integer("subscribers") ?? 20)
        connectionCount = Int(arguments.integer("connections") ?? 200)
        credentials = DialectCredentials(
            token: arguments.text("token") ?? "", apiKey: arguments.text("api-key") ?? "",
            user: arguments.text("user") ?? "")
        fleet = try AgentFleet(count: 1, dataDirectory: arguments.text("data-dir") ?? "", plan: plan, driver: driver)
        try fleet.connect(driver: driver, target: plan.target)
        credentials.node = fleet.identities[0].node
        agent = DialectAgent(fleet)
        standing = Crowd(loop: driver.loop, plan: plan, count: standingCount)
        subscribers = Crowd(loop: driver.loop, plan: plan, count: subscriberCount)
        try run(readyFile: arguments.text("ready-file"), hold: arguments.nanoseconds("hold") ?? 0)
    }

    private func run(readyFile: String?, hold: UInt64) throws {
        let all = LoadDialect.allCases
        try open(standing) { [unowned self] descriptor, number in
            DialectPeer(
                fileDescriptor: descriptor, crowd: standing, run: self, dialect: all[number % all.count],
                subscribes: false)
        }
        if let readyFile { try awaitFile(readyFile) }
        try open(subscribers) { [unowned self] descriptor, _ in
            DialectPeer(
                fileDescriptor: descriptor, crowd: subscribers, run: self, dialect: dialect, subscribes: true)
        }
        try timeConnections()
        start()
        var before: (delivered: UInt64, events: UInt64) = (0, 0)
        let measurement = driver.measure {
            each.reset()
            last.reset()
            before = (delivered, events)
        }
        isSending = false
        driver.drain({ delivered }, until: { !isOnItsWay })
        let deliveries = delivered - before.delivered
        let resident = try self.hold(hold)

        var writer = JSONWriter()
        writer.beginObject()
        writer.field("run", static: "dialects")
        writer.field("name", plan.name)
        writer.field("dialect", dialect.rawValue + (trigger == .ended ? ", a task's end" : ""))
        writer.field("standing", standingCount)
        writer.field("subscribers", subscriberCount)
        write(plan.pace, to: &writer)
        writer.field("event_bytes", eventBytes)
        writer.key("measured")
        writer.beginObject()
        writer.field("events", events - before.events)
        writer.field("connections", connecting.count)
        writer.field("connect_p50_us", connecting.microseconds(at: 0.5), decimals: 1)
        writer.field("connect_p99_us", connecting.microseconds(at: 0.99), decimals: 1)
        writer.field("last_p50_us", last.microseconds(at: 0.5), decimals: 1)
        writer.field("last_p99_us", last.microseconds(at: 0.99), decimals: 1)
        each.write(to: &writer)
        measurement.write(units: deliveries, to: &writer)
        writer.endObject()
        if !resident.isEmpty { writer.field("held_rss_bytes", resident.map(String.init).joined(separator: " ")) }
        writer.field("lost", isOnItsWay ? subscriberCount - arrived : 0)
        writer.field("duplicate", surplus)
        writer.field("altered", 0)
        writer.endObject()
        StandardStream.output.write(writer.buffer.text + "\n")
        if let failure = standing.failure ?? subscribers.failure ?? fleet.crowd.failure { throw RunFailure(failure) }
        guard !isOnItsWay, surplus == 0 else { throw RunFailure("deliveries were lost or doubled") }
        guard events > before.events else { throw RunFailure("nothing was to be told of") }
    }

    private func awaitFile(_ path: String) throws {
        let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
        while access(path, F_OK) != 0 {
            guard Clock.monotonicNanoseconds() < deadline else { throw RunFailure("\(path) did not come in a minute") }
            driver.turn(forNanoseconds: 20_000_000) { false }
        }
    }

    private func open(_ crowd: Crowd, make: @escaping (Int32, Int) -> Peer) throws {
        let host = plan.target.description
        crowd.begin(make: make) { [unowned self] peer in
            guard let peer = peer as? DialectPeer else { return }
            peer.open(path: peer.dialect.path(credentials), host: host)
        }
        try driver.settle(crowd)
    }

    // MARK: Connections

    private func timeConnections() throws {
        for _ in 0..<connectionCount {
            let single = Crowd(loop: driver.loop, plan: plan, count: 1)
            let begun = Clock.monotonicNanoseconds()
            try open(single) { [unowned self] descriptor, _ in
                DialectPeer(fileDescriptor: descriptor, crowd: single, run: self, dialect: dialect, subscribes: false)
            }
            connecting.add(Clock.monotonicNanoseconds() - begun)
            single.peers.first?.close(.local)
            driver.turn(forNanoseconds: 2_000_000) { false }
        }
    }

    // MARK: Events

    private func start() {
        isSending = true
        let period: UInt64 =
            switch plan.pace {
            case .window: 0
            case .rate(let rate): UInt64(max(1, 1e9 / rate))
            }
        var due = Clock.monotonicNanoseconds() + period
        driver.pace = { [unowned self] now in
            fleet.wallMilliseconds = Clock.wallMilliseconds()
            guard isSending else { return .max }
            guard !isOnItsWay, due <= now else { return isOnItsWay ? .max : due }
            // Orders for tasks may still be on their way, or what subscribers are told of the task before.
            agent.prepare(for: trigger)
            guard agent.isAble(to: trigger), disturbedAt + Self.quietNanoseconds <= now else {
                return now + 1_000_000
            }
            due = max(due + period, now)
            arrived = 0
            isOnItsWay = true
            sentAt = Clock.monotonicNanoseconds()
            agent.act(trigger, at: sentAt)
            return .max
        }
    }

    /// How long nobody must have been told of anything else before an event is timed.
    private static let quietNanoseconds: UInt64 = 3_000_000

    /// A subscriber was told of something that is not timed.
    @inline(__always)
    func disturb(_ now: UInt64) { disturbedAt = now }

    /// An event that one subscriber got.
    @inline(__always)
    func take(bytes: Int, now: UInt64) {
        guard isOnItsWay else {
            surplus += 1
            return
        }
        delivered += 1
        arrived += 1
        eventBytes = bytes
        each.add(now - sentAt)
        guard arrived == subscriberCount else { return }
        last.add(now - sentAt)
        events += 1
        isOnItsWay = false
        agent.tidy(trigger)
    }

    // MARK: Standing still

    /// The server's resident memory at the beginning and after each tenth of the time, in bytes.
    private func hold(_ nanoseconds: UInt64) throws -> [Int] {
        guard nanoseconds > 0, let server = plan.server else { return [] }
        var resident = [server.residentBytes]
        for _ in 0..<10 {
            stand(nanoseconds / 10)
            resident.append(server.residentBytes)
        }
        return resident
    }

    /// Clients of dialects that ask for it ping meanwhile.
    private func stand(_ nanoseconds: UInt64) {
        var left = nanoseconds
        while left > 0 {
            let span = min(left, Self.pingNanoseconds)
            for crowd in [standing, subscribers] {
                for case let peer as DialectPeer in crowd.peers { peer.ping() }
            }
            driver.turn(forNanoseconds: span) { standing.failure != nil || subscribers.failure != nil }
            left -= span
        }
    }

    private static let pingNanoseconds: UInt64 = 30_000_000_000
}
