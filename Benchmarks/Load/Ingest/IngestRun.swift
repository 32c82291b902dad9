internal import Bytes
internal import Reactor
internal import Service
internal import Web

/// Many agents that stream samples to the coordinator, and nobody who looks: what taking them in costs.
final class IngestRun {
    static let command = Command(
        "ingest", summary: "Simulated agents with keys of their own that stream samples to a coordinator.",
        flags: LoadPlan.flags + AgentFlags.all)

    private let plan: LoadPlan
    private let driver: LoadDriver
    private let fleet: AgentFleet
    private var isSending = false
    private var due: UInt64 = 0
    private var turn = 0

    init(_ arguments: Arguments) throws {
        plan = try LoadPlan(arguments)
        driver = try LoadDriver(plan: plan)
        let residentBefore = plan.server?.residentBytes ?? 0
        let count = AgentFlags.count(arguments)
        fleet = try AgentFleet(
            count: count, dataDirectory: arguments.text("data-dir") ?? "", plan: plan, driver: driver)
        let connecting = Measurement.Reading(plan)
        try fleet.connect(driver: driver, target: plan.target)
        let connected = Measurement.Reading(plan)

        start()
        var before: UInt64 = 0
        let measurement = driver.measure { before = fleet.sent }
        let samples = fleet.sent - before
        let residentAfter = plan.server?.residentBytes ?? 0
        isSending = false
        // What is on its way is read; then the last acknowledgement is at most its window of a second away.
        driver.drain(
            { fleet.acknowledgements }, until: { fleet.acknowledged == fleet.sent || fleet.crowd.failure != nil })
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("run", static: "ingest")
        writer.field("name", plan.name)
        writer.field("agents", count)
        write(plan.pace, to: &writer)
        writer.field("sample_bytes", fleet.sampleBytes)
        writer.key("measured")
        writer.beginObject()
        writer.field("samples_per_s", Double(samples) / measurement.seconds, decimals: 0)
        measurement.write(units: samples, to: &writer)
        writer.endObject()
        if plan.server != nil {
            writer.field(
                "welcome_cpu_us", (connected.serverSeconds - connecting.serverSeconds) / Double(count) * 1e6,
                decimals: 1)
            writer.field("rss_bytes_per_node", (residentAfter - residentBefore) / count)
        }
        writer.field("sent", fleet.sent)
        writer.field("acknowledgements", fleet.acknowledgements)
        writer.field("advices", fleet.advices)
        writer.field("unacknowledged", fleet.sent - fleet.acknowledged)
        writer.endObject()
        StandardStream.output.write(writer.buffer.text + "\n")
        if let failure = fleet.crowd.failure { throw RunFailure(failure) }
        guard fleet.sent == fleet.acknowledged else { throw RunFailure("samples were lost") }
    }

    private func start() {
        isSending = true
        switch plan.pace {
        case .rate(let rate):
            let period = UInt64(max(1, 1e9 / (rate * Double(fleet.agents.count))))
            due = Clock.monotonicNanoseconds() + period
            driver.pace = { [unowned self] now in
                fleet.wallMilliseconds = Clock.wallMilliseconds()
                while isSending, due <= now {
                    fleet.agents[turn].sendSample(at: due)
                    turn = turn + 1 == fleet.agents.count ? 0 : turn + 1
                    due += period
                }
                return isSending ? due : .max
            }
        case .window(let window):
            driver.pace = { [unowned self] _ in
                fleet.wallMilliseconds = Clock.wallMilliseconds()
                return .max
            }
            fleet.answered = { [unowned self] agent in if isSending { burst(window, from: agent) } }
            for agent in fleet.agents { burst(window, from: agent) }
        }
    }

    /// A window of samples and a ping behind them, whose answer asks for the next.
    private func burst(_ window: Int, from agent: AgentPeer) {
        let now = Clock.monotonicNanoseconds()
        for _ in 0..<window { agent.sendSample(at: now) }
        agent.sendFrame(.ping, UnsafeRawBufferPointer(start: nil, count: 0))
    }
}

/// The flags of runs with agents.
enum AgentFlags {
    static let all = [
        Flag(
            "data-dir", .text(), placeholder: "DIR", meaning: "the coordinator's data folder, to enrol through",
            isRequired: true),
        Flag("agents", .integer(1...60_000), placeholder: "N", meaning: "agents", defaultText: "1000"),
    ]

    static func count(_ arguments: Arguments) -> Int { Int(arguments.integer("agents") ?? 1000) }
}
