internal import Bytes
internal import Glibc
internal import Reactor
internal import Service
internal import Wire

/// The whole path: agents stream, the coordinator decodes, scores, keeps and rebroadcasts, authenticated subscribers of
/// the room `nodes` get every sample. Latency is from the agent's send to the subscriber's receipt.
final class NodesRun {
    static let command = Command(
        "nodes", summary: "Agents that stream while authenticated subscribers of `nodes` listen.",
        flags: LoadPlan.flags + AgentFlags.all + [
            Flag(
                "token", .text(maximumBytes: 8192), placeholder: "T", meaning: "a token with node:read",
                isRequired: true),
            Flag(
                "subscribers", .integer(1...60_000), placeholder: "N", meaning: "connections that listen",
                defaultText: "1000"),
        ])

    private let plan: LoadPlan
    private let driver: LoadDriver
    private let fleet: AgentFleet
    private let subscribers: Crowd
    private let subscriberCount: Int
    let token: String
    let latency = LatencyHistogram()

    /// Deliveries of each message on its way, by the low bits of its offset.
    private let arrivals: UnsafeMutablePointer<UInt32>
    private static let outstanding: UInt64 = 1 << 18
    private(set) var delivered: UInt64 = 0
    private(set) var deliveredBytes: UInt64 = 0
    /// Deliveries that never came, and those of them whose offsets were left out: the rest was never published.
    private var lost: UInt64 = 0
    private var holes: UInt64 = 0
    private var duplicate: UInt64 = 0
    private var altered: UInt64 = 0
    private var completed: UInt64 = 0
    private var isSending = false
    private var due: UInt64 = 0
    private var turn = 0

    deinit { arrivals.deallocate() }

    init(_ arguments: Arguments) throws {
        plan = try LoadPlan(arguments)
        driver = try LoadDriver(plan: plan)
        subscriberCount = Int(arguments.integer("subscribers") ?? 1000)
        token = arguments.text("token") ?? ""
        arrivals = .allocate(capacity: Int(Self.outstanding))
        arrivals.initialize(repeating: 0, count: Int(Self.outstanding))
        fleet = try AgentFleet(
            count: AgentFlags.count(arguments), dataDirectory: arguments.text("data-dir") ?? "", plan: plan,
            driver: driver)
        subscribers = Crowd(loop: driver.loop, plan: plan, count: subscriberCount)
        try run()
    }

    private func run() throws {
        let host = plan.target.description
        try fleet.connect(driver: driver, target: plan.target)
        let residentBefore = plan.server?.residentBytes ?? 0
        let connecting = Measurement.Reading(plan)
        subscribers.begin(
            make: { [unowned self] descriptor, _ in
                NodesSubscriber(fileDescriptor: descriptor, crowd: subscribers, run: self)
            }, open: { $0.open(path: "/ws", host: host) })
        try driver.settle(subscribers)
        let connected = Measurement.Reading(plan)
        let residentAfter = plan.server?.residentBytes ?? 0

        start()
        var deliveredBefore: UInt64 = 0
        var bytesBefore: UInt64 = 0
        var sentBefore: UInt64 = 0
        let measurement = driver.measure {
            latency.reset()
            (deliveredBefore, bytesBefore, sentBefore) = (delivered, deliveredBytes, fleet.sent)
        }
        let deliveries = delivered - deliveredBefore
        let samples = fleet.sent - sentBefore
        let bytes = deliveries == 0 ? 0 : (deliveredBytes - bytesBefore) / deliveries
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("run", static: "nodes")
        writer.field("name", plan.name)
        writer.field("agents", fleet.agents.count)
        writer.field("subscribers", subscriberCount)
        write(plan.pace, to: &writer)
        writer.field("sample_bytes", fleet.sampleBytes)
        writer.field("event_bytes", bytes)
        writer.key("measured")
        writer.beginObject()
        writer.field("deliveries_per_s", Double(deliveries) / measurement.seconds, decimals: 0)
        writer.field("samples_per_s", Double(samples) / measurement.seconds, decimals: 0)
        latency.write(to: &writer)
        measurement.write(units: deliveries, to: &writer)
        writer.endObject()
        if plan.server != nil {
            writer.field(
                "connect_cpu_us", (connected.serverSeconds - connecting.serverSeconds) / Double(subscriberCount) * 1e6,
                decimals: 1)
            writer.field("rss_bytes_per_connection", (residentAfter - residentBefore) / subscriberCount)
        }
        finish()
        writer.field("lost", lost)
        writer.field("offset_holes", holes)
        writer.field("acknowledged_samples", fleet.acknowledged)
        writer.field("sent_samples", fleet.sent)
        writer.field("duplicate", duplicate)
        writer.field("altered", altered)
        writer.endObject()
        StandardStream.output.write(writer.buffer.text + "\n")
        if let failure = subscribers.failure ?? fleet.crowd.failure { throw RunFailure(failure) }
        guard lost + duplicate + altered == 0 else { throw RunFailure("deliveries were lost, doubled or altered") }
    }

    // MARK: Sending

    private func start() {
        isSending = true
        let rate: Double
        switch plan.pace {
        case .window(let window):
            rate = 0
            for _ in 0..<window { sendNext(at: Clock.monotonicNanoseconds()) }
        case .rate(let each): rate = each * Double(fleet.agents.count)
        }
        let period = rate > 0 ? UInt64(max(1, 1e9 / rate)) : .max
        due = rate > 0 ? Clock.monotonicNanoseconds() + period : .max
        driver.pace = { [unowned self] now in
            fleet.wallMilliseconds = Clock.wallMilliseconds()
            while isSending, due <= now {
                sendNext(at: due)
                due += period
            }
            return isSending ? due : .max
        }
    }

    private func sendNext(at nanoseconds: UInt64) {
        fleet.agents[turn].sendSample(at: nanoseconds)
        turn = turn + 1 == fleet.agents.count ? 0 : turn + 1
    }

    /// Sends no more, waits for what is on its way, and counts what never came.
    private func finish() {
        isSending = false
        let sent = fleet.sent
        driver.drain({ delivered }, until: { completed == sent || subscribers.failure != nil })
        for peer in subscribers.peers {
            guard let subscriber = peer as? NodesSubscriber else { continue }
            lost += sent > subscriber.samples ? sent - subscriber.samples : 0
            holes += subscriber.holes
        }
    }

    // MARK: Deliveries

    /// A reading that one subscriber got.
    @inline(__always)
    func take(_ event: NodesEvent, bytes: Int, now: UInt64) {
        delivered &+= 1
        deliveredBytes &+= UInt64(bytes)
        latency.add(now > event.sentAt ? now - event.sentAt : 0)
        let place = arrivals + Int(event.offset & (Self.outstanding - 1))
        place.pointee &+= 1
        guard place.pointee == subscriberCount else { return }
        place.pointee = 0
        completed += 1
        if isSending, case .window = plan.pace { sendNext(at: Clock.monotonicNanoseconds()) }
    }

    /// An offset came again, or out of order.
    func sawDuplicate() { duplicate += 1 }

    /// A message that is none of those expected.
    func sawAltered() { altered += 1 }
}
