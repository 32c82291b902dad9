internal import Bytes
internal import Dial
internal import Glibc
internal import Grid
internal import Reactor
internal import Service
internal import Web

/// The coordinator is killed under its agents, and somebody restarts it: how long until all of them are back.
///
/// An agent comes back as the real one does: full jitter with the agent's own base and cap, and no sooner than a
/// refusal asks. It is back when it is welcome, and then sends a sample, which must be acknowledged.
final class StormRun {
    static let command = Command(
        "storm", summary: "Kills the coordinator under its agents and times their return.",
        flags: LoadPlan.flags + AgentFlags.all + [
            Flag(
                "pid-file", .text(), placeholder: "FILE",
                meaning: "where whoever restarts the coordinator writes its process", isRequired: true)
        ])

    private let plan: LoadPlan
    private let driver: LoadDriver
    private let fleet: AgentFleet
    private let pidFile: String
    private var backoffs: [Backoff] = []
    /// When each agent was welcome again; 0 while it is not.
    private var welcomedAt: [UInt64]
    private var backCount = 0
    private var killedAt: UInt64 = 0
    /// When the first agent was upgraded by the new coordinator.
    private var listensAt: UInt64 = 0
    private var attempts = 0
    /// Sessions that ended again after their welcome, and the first reason.
    private var lostAgain = 0
    private var reason = ""

    init(_ arguments: Arguments) throws {
        plan = try LoadPlan(arguments)
        driver = try LoadDriver(plan: plan)
        pidFile = arguments.text("pid-file") ?? ""
        let began = Clock.monotonicNanoseconds()
        let count = AgentFlags.count(arguments)
        fleet = try AgentFleet(
            count: count, dataDirectory: arguments.text("data-dir") ?? "", plan: plan, driver: driver)
        let enrolled = Clock.monotonicNanoseconds()
        welcomedAt = Array(repeating: 0, count: count)
        backoffs = (0..<count).map { _ in
            Backoff(
                baseMilliseconds: Limits.reconnectBaseMilliseconds, capMilliseconds: Limits.reconnectCapMilliseconds,
                seed: fleet.crowd.masks.next())
        }
        try fleet.connect(driver: driver, target: plan.target)
        let connected = Clock.monotonicNanoseconds()

        let former = try process()
        fleet.lost = { [unowned self] agent, reason in lost(agent, reason) }
        fleet.opened = { [unowned self] in if listensAt == 0 { listensAt = Clock.monotonicNanoseconds() } }
        fleet.welcomed = { [unowned self] agent in welcomed(agent) }
        let now = Clock.monotonicNanoseconds()
        for number in backoffs.indices { backoffs[number].opened(nowNanoseconds: now) }
        killedAt = Clock.monotonicNanoseconds()
        guard kill(pid_t(former), SIGKILL) == 0 else { throw RunFailure("cannot kill process \(former)") }
        driver.turn(forNanoseconds: LoadPlan.patienceNanoseconds) { backCount == count }
        let areBack = Clock.monotonicNanoseconds()
        let isComplete = backCount == count
        driver.turn(forNanoseconds: 5_000_000_000) { fleet.identities.allSatisfy { $0.sent == $0.acknowledged } }
        report(
            enrolledIn: enrolled - began, connectedIn: connected - enrolled, backIn: areBack - killedAt,
            server: ServerProcess(pid: try process()))
        guard isComplete else { throw RunFailure("only \(backCount) of \(count) agents came back: \(reason)") }
        let silent = fleet.identities.filter { $0.sent != $0.acknowledged }.count
        guard silent == 0 else { throw RunFailure("\(silent) agents are back and have no acknowledgement") }
    }

    private func process() throws -> Int {
        let file = open(pidFile, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw RunFailure("cannot open \(pidFile)") }
        defer { _ = close(file) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(file, &bytes, bytes.count)
        let digits = String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard let pid = Int(digits) else { throw RunFailure("\(pidFile) names no process") }
        return pid
    }

    // MARK: Coming back

    private func lost(_ agent: AgentPeer, _ reason: String) {
        let number = agent.identity.number
        if welcomedAt[number] != 0 {
            welcomedAt[number] = 0
            backCount -= 1
            lostAgain += 1
            if self.reason.isEmpty { self.reason = reason }
        }
        comeBack(agent.identity, retryAfterSeconds: agent.retryAfterSeconds)
    }

    private func comeBack(_ identity: AgentIdentity, retryAfterSeconds: Int? = nil) {
        let delay = backoffs[identity.number].failed(
            nowNanoseconds: Clock.monotonicNanoseconds(), retryAfterSeconds: retryAfterSeconds)
        driver.loop.schedule(afterNanoseconds: UInt64(delay) * 1_000_000) { [unowned self] in dial(identity) }
    }

    private func dial(_ identity: AgentIdentity) {
        attempts += 1
        let timeout = UInt64(Limits.agentHandshakeSeconds) * 1_000_000_000
        Connector.connect(to: plan.target, on: driver.loop, timeoutNanoseconds: timeout) { [unowned self] result in
            guard case .success(let descriptor) = result else { return comeBack(identity) }
            let agent = AgentPeer(fileDescriptor: descriptor, crowd: fleet.crowd, fleet: fleet, identity: identity)
            driver.loop.adopt(agent)
            AgentFleet.open(agent, plan.target)
        }
    }

    private func welcomed(_ agent: AgentPeer) {
        let now = Clock.monotonicNanoseconds()
        let number = agent.identity.number
        backoffs[number].opened(nowNanoseconds: now)
        welcomedAt[number] = now
        backCount += 1
        fleet.wallMilliseconds = Clock.wallMilliseconds()
        agent.sendSample(at: now)
    }

    // MARK: Report

    private func report(enrolledIn: UInt64, connectedIn: UInt64, backIn: UInt64, server: ServerProcess) {
        let times = welcomedAt.filter { $0 != 0 }.sorted()
        func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e9 }
        func after(_ share: Double) -> Double? {
            times.isEmpty ? nil : seconds(times[Int(Double(times.count - 1) * share)] - killedAt)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("run", static: "storm")
        writer.field("name", plan.name)
        writer.field("agents", welcomedAt.count)
        writer.field("back", backCount)
        writer.field("enrolled_s", seconds(enrolledIn), decimals: 2)
        writer.field("connected_s", seconds(connectedIn), decimals: 2)
        writer.field("listening_s", listensAt == 0 ? nil : seconds(listensAt - killedAt), decimals: 3)
        writer.field("welcome_p50_s", after(0.5), decimals: 3)
        writer.field("welcome_p99_s", after(0.99), decimals: 3)
        writer.field("welcome_all_s", backCount == welcomedAt.count ? seconds(backIn) : nil, decimals: 3)
        writer.field("attempts", attempts)
        writer.field("lost_again", lostAgain)
        writer.field("server_cpu_s", server.processorSeconds, decimals: 2)
        writer.field("server_rss_bytes", server.residentBytes)
        writer.endObject()
        StandardStream.output.write(writer.buffer.text + "\n")
    }
}
