internal import Bytes
internal import Grid
internal import Reactor
internal import Service
internal import Web

/// One publisher, many subscribers: every message must reach every subscriber once, in order and unchanged.
final class FanoutRun {
    static let command = Command(
        "fanout", summary: "One publisher, many subscribers of a broadcasting server.",
        flags: LoadPlan.flags + [
            Flag(
                "subscribers", .integer(1...60_000), placeholder: "N", meaning: "connections that listen",
                defaultText: "1000"),
            Flag("sub-path", .text(), placeholder: "PATH", meaning: "where they connect", defaultText: "/sub"),
            Flag(
                "pub-path", .text(), placeholder: "PATH", meaning: "where the publisher connects", defaultText: "/pub"),
            Flag(
                "greet", .bool,
                meaning: "subscribers say something once they are connected, as an authenticating client does"),
            Flag("bytes", .integer(160...60_000), placeholder: "B", meaning: "size of a message", defaultText: "300"),
            Flag("deflate", .bool, meaning: "subscribers negotiate compression, and every message must be compressed"),
        ])

    private let plan: LoadPlan
    private let subscriberCount: Int
    let greets: Bool
    let message: FanoutMessage
    private let driver: LoadDriver
    private let subscribers: Crowd
    private let publishers: Crowd
    private var publisher: Peer?
    /// Of subscribers that negotiated compression.
    private let compressed: CompressedMessages?
    let latency = LatencyHistogram()

    /// Deliveries of each outstanding message, by the low bits of its number.
    private let arrivals: UnsafeMutablePointer<UInt32>
    private static let outstanding: UInt64 = 1 << 16
    private var published: UInt64 = 0
    /// Messages that all subscribers have.
    private var completed: UInt64 = 0
    private(set) var delivered: UInt64 = 0
    private var faults = Faults()
    private var isPublishing = false
    private var nextDue: UInt64 = 0

    /// What must not happen, counted.
    private struct Faults {
        var lost: UInt64 = 0
        var duplicate: UInt64 = 0
        var altered: UInt64 = 0
        var total: UInt64 { lost + duplicate + altered }
    }

    init(_ arguments: Arguments) throws {
        plan = try LoadPlan(arguments)
        subscriberCount = Int(arguments.integer("subscribers") ?? 1000)
        greets = arguments.isSet("greet")
        message = FanoutMessage(size: Int(arguments.integer("bytes") ?? 300))
        compressed = arguments.isSet("deflate") ? CompressedMessages() : nil
        driver = try LoadDriver(plan: plan)
        subscribers = Crowd(loop: driver.loop, plan: plan, count: subscriberCount)
        publishers = Crowd(loop: driver.loop, plan: plan, count: 1)
        arrivals = .allocate(capacity: Int(Self.outstanding))
        arrivals.initialize(repeating: 0, count: Int(Self.outstanding))
        try run(
            subscriberPath: arguments.text("sub-path") ?? "/sub", publisherPath: arguments.text("pub-path") ?? "/pub")
    }

    private func run(subscriberPath: String, publisherPath: String) throws {
        let host = plan.target.description
        let residentBefore = plan.server?.residentBytes ?? 0
        let connecting = Measurement.Reading(plan)
        subscribers.begin(
            make: { [unowned self] descriptor, _ in
                FanoutSubscriber(fileDescriptor: descriptor, crowd: subscribers, run: self)
            }, open: { [compressed] in $0.open(path: subscriberPath, host: host, deflate: compressed != nil) })
        try driver.settle(subscribers)
        let connected = Measurement.Reading(plan)
        let residentAfter = plan.server?.residentBytes ?? 0
        publishers.begin(
            make: { [unowned self] descriptor, _ in Peer(fileDescriptor: descriptor, crowd: publishers) },
            open: { $0.open(path: publisherPath, host: host) })
        try driver.settle(publishers)
        publisher = publishers.peers.first
        publisher?.queueByteLimit = 64 << 20
        // A server that registers a subscriber after its answer gets the moment it needs.
        driver.turn(forNanoseconds: 200_000_000) { false }

        start()
        var deliveredBefore: UInt64 = 0
        let measurement = driver.measure {
            latency.reset()
            deliveredBefore = delivered
        }
        let deliveries = delivered - deliveredBefore
        let figures = snapshot(deliveries, measurement)
        stop()
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("run", static: "fanout")
        writer.field("name", plan.name)
        writer.field("subscribers", subscriberCount)
        writer.field("bytes", message.count)
        write(plan.pace, to: &writer)
        writer.field("deflate", compressed != nil)
        figures(&writer)
        writer.field("connect_cpu_us", connectCost(connecting, connected), decimals: 2)
        writer.field(
            "rss_bytes_per_connection", plan.server == nil ? nil : (residentAfter - residentBefore) / subscriberCount)
        writer.field("lost", faults.lost)
        writer.field("duplicate", faults.duplicate)
        writer.field("altered", faults.altered)
        writer.endObject()
        StandardStream.output.write(writer.buffer.text + "\n")
        if let failure = subscribers.failure ?? publishers.failure { throw RunFailure(failure) }
        if faults.total > 0 { throw RunFailure("\(faults.total) deliveries were lost, doubled or altered") }
    }

    /// The figures of the measured span, taken before the rest of the messages comes in.
    private func snapshot(_ deliveries: UInt64, _ measurement: Measurement) -> (inout JSONWriter) -> Void {
        var early = JSONWriter()
        early.beginObject()
        early.field("deliveries_per_s", Double(deliveries) / measurement.seconds, decimals: 0)
        latency.write(to: &early)
        measurement.write(units: deliveries, to: &early)
        early.endObject()
        let text = early.buffer.bytes
        return { writer in
            writer.key("measured")
            text.withUnsafeBytes { writer.raw(bytes: $0) }
        }
    }

    private func connectCost(_ before: Measurement.Reading, _ after: Measurement.Reading) -> Double? {
        plan.server == nil ? nil : (after.serverSeconds - before.serverSeconds) / Double(subscriberCount) * 1e6
    }

    // MARK: Publishing

    private func start() {
        isPublishing = true
        switch plan.pace {
        case .window(let window):
            for _ in 0..<window { publish(at: Clock.monotonicNanoseconds()) }
        case .rate(let rate):
            let period = UInt64(1e9 / rate)
            nextDue = Clock.monotonicNanoseconds() + period
            driver.pace = { [unowned self] now in
                while isPublishing, nextDue <= now, published - completed < Self.outstanding - 1 {
                    publish(at: nextDue)
                    nextDue += period
                }
                return isPublishing ? nextDue : .max
            }
        }
    }

    /// Publishes no more, and waits until everything has come or nothing comes any more.
    private func stop() {
        isPublishing = false
        driver.drain({ delivered }, until: { completed == published || subscribers.failure != nil })
        for peer in subscribers.peers {
            guard let subscriber = peer as? FanoutSubscriber else { continue }
            faults.lost += published - subscriber.next
        }
    }

    /// - Parameter nanoseconds: when the message should go out; its latency counts from then.
    private func publish(at nanoseconds: UInt64) {
        arrivals[Int(published & (Self.outstanding - 1))] = 0
        publisher?.sendFrame(.text, message.write(sequence: published, nanoseconds: nanoseconds))
        published += 1
    }

    // MARK: Deliveries

    /// One message that is not compressed reached one subscriber, whose next number is `next`.
    @inline(__always)
    func takePlain(_ delivery: UnsafeRawBufferPointer, next: inout UInt64, now: UInt64) {
        if compressed == nil { take(delivery, next: &next, now: now) } else { faults.altered += 1 }
    }

    /// One compressed message reached one subscriber, whose next number is `next`.
    @inline(__always)
    func takeCompressed(_ packed: UnsafeRawBufferPointer, next: inout UInt64, now: UInt64) {
        let isWhole = compressed?.withText(packed, expecting: next) { take($0, next: &next, now: now) } ?? false
        if !isWhole { faults.altered += 1 }
    }

    /// One message reached one subscriber, whose next number is `next`.
    @inline(__always)
    private func take(_ delivery: UnsafeRawBufferPointer, next: inout UInt64, now: UInt64) {
        guard message.matches(delivery) else {
            faults.altered += 1
            return
        }
        let sequence = FanoutMessage.sequence(of: delivery)
        if sequence != next {
            guard sequence > next, sequence < published else {
                faults.duplicate += 1
                return
            }
            faults.lost += sequence - next
        }
        next = sequence + 1
        delivered &+= 1
        let sent = FanoutMessage.nanoseconds(of: delivery)
        latency.add(now > sent ? now - sent : 0)
        let place = arrivals + Int(sequence & (Self.outstanding - 1))
        place.pointee &+= 1
        if place.pointee == subscriberCount, sequence == completed { complete() }
    }

    /// The oldest message on its way has arrived everywhere.
    private func complete() {
        while completed < published, arrivals[Int(completed & (Self.outstanding - 1))] == subscriberCount {
            completed += 1
            if isPublishing, case .window = plan.pace { publish(at: Clock.monotonicNanoseconds()) }
        }
    }
}

/// One subscriber of the fan-out run.
final class FanoutSubscriber: Peer {
    private unowned let run: FanoutRun
    /// The number of the message that comes next.
    private(set) var next: UInt64 = 0
    private var now: UInt64 = 0

    init(fileDescriptor: Int32, crowd: Crowd, run: FanoutRun) {
        self.run = run
        super.init(fileDescriptor: fileDescriptor, crowd: crowd)
    }

    override func opened() {
        if run.greets { sendText(Self.greeting) }
        ready()
    }

    override func readBegins() { now = Clock.monotonicNanoseconds() }

    override func message(_ bytes: UnsafeRawBufferPointer) { run.takePlain(bytes, next: &next, now: now) }

    override func compressedMessage(_ bytes: UnsafeRawBufferPointer) {
        run.takeCompressed(bytes, next: &next, now: now)
    }

    private static var greeting: ByteBuffer {
        var text = ByteBuffer()
        text.append("hello")
        return text
    }
}
