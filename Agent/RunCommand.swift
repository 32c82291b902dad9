internal import Dial
internal import Glibc
internal import Grid
internal import Probe
internal import Reactor
internal import Runner
internal import Service

/// The version of this product.
let productVersion = "0.1.0"

/// `run`: samples this machine and streams it to the coordinator.
enum RunCommand {
    static let command = Command(
        "run", summary: "Sample this machine and stream it to the coordinator.",
        flags: [
            Flag("config", .text(), placeholder: "FILE", meaning: "configuration file (JSON5)")
        ] + AgentSettings.schema.flags)

    static func run(_ arguments: Arguments) -> Never {
        let settings: Settings
        let url: ServiceURL
        let runners: [RunnerSpecification]
        do {
            settings = try Settings(
                schema: AgentSettings.schema, file: arguments.text("config"), environment: .process,
                arguments: arguments)
            try AgentSettings.check(settings)
            runners = try RunnerSettings.runners(settings)
            do {
                url = try ServiceURL(parsing: settings.text("coordinator") ?? "")
            } catch {
                throw settings.fault("coordinator", "\(error)")
            }
        } catch {
            StandardStream.error.write("neurogrid-agent: \(error)\n")
            StandardStream.exit(ExitCode.usage)
        }
        let format = LogFormat(rawValue: settings.text("log.format") ?? "") ?? .text
        let log = Log(
            program: "neurogrid-agent", level: LogLevel(name: settings.text("log.level") ?? "") ?? .info,
            format: format, destination: .automatic(format: format))
        Privileges.warnIfRootOutsideSystemd(log)
        do {
            Signals.block([SIGTERM, SIGINT, SIGPIPE, SIGHUP])
            let loop = try EventLoop()
            // Also where the agent cannot start: a loop is closed before it is let go.
            defer { loop.close() }
            let agent = try RunningAgent(loop: loop, settings: settings, url: url, runners: runners, log: log)
            try agent.run()
            StandardStream.exit(ExitCode.success)
        } catch {
            log.error("\(error)")
            StandardStream.exit(ExitCode.fault)
        }
    }
}

/// The agent put together on its one loop.
private final class RunningAgent {
    private let loop: EventLoop
    private let link: CoordinatorLink
    private let desk: TaskDesk
    private let samples: SampleLoop
    private let sampler: MachineSampler
    private let log: Log
    private let supervisor = Supervisor()
    private let settings: Settings
    private var isStopping = false
    /// How long a goodbye may take.
    private static let stopNanoseconds: UInt64 = 2_000_000_000

    init(
        loop: EventLoop, settings: Settings, url: ServiceURL, runners: [RunnerSpecification], log: Log
    ) throws {
        self.log = log
        self.loop = loop
        self.settings = settings
        let state = try AgentState(directory: settings.text("state_dir") ?? "")
        try state.lock()
        if state.node == nil, settings.text("join_token") == nil {
            throw AgentState.Failure(
                description: "this agent is not enrolled: give it the --join-token of neurogrid-coordinator enroll")
        }
        RunnerHost.adoptOrphans()
        desk = try TaskDesk(
            loop: loop, stateDirectory: state.absoluteDirectory, runners: runners, log: log)
        let machine = try MachineSampler(monotonicNanoseconds: Clock.monotonicNanoseconds())
        sampler = machine
        let made = try CoordinatorLink(
            loop: loop, url: url, state: state, joinToken: settings.text("join_token").map { Secret($0) },
            location: AgentSettings.location(settings),
            tls: url.isSecure ? AgentSettings.tls(settings) : nil, log: log)
        link = made
        samples = SampleLoop(
            loop: loop, sampler: machine,
            intervalMilliseconds: Int((settings.nanoseconds("interval") ?? 1_000_000_000) / 1_000_000),
            take: { made.take($0) }, inventoryChanged: { made.inventoryChanged() },
            notice: { notice in
                if notice.isWarning { log.warn(notice.message) } else { log.info(notice.message) }
            })
    }

    func run() throws {
        let ownInterval = samples.intervalMilliseconds
        link.specifications = { [unowned self] in
            var facts = sampler.specifications
            facts.agentVersion = productVersion
            facts.runners = desk.runnerNames
            return facts
        }
        joinDesk()
        // The coordinator may slow the agent down, never speed it up beyond its operator's wish.
        link.intervalChanged = { [unowned self] in samples.setInterval(milliseconds: max($0, ownInterval)) }
        link.welcomed = { [supervisor] in supervisor.ready(status: "connected") }
        let signals = try Signals([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned self] signal in
            if signal == SIGHUP { reloadCertificates() } else { stop() }
        }
        if let interval = supervisor.watchdogIntervalNanoseconds {
            loop.schedule(afterNanoseconds: interval, repeating: true) { [supervisor] in supervisor.alive() }
        }
        // The first hello names the GPUs.
        try samples.start(introduced: { [link] in link.start() })
        // An agent that waits for its coordinator is doing its work: the unit is up.
        supervisor.ready(status: "connecting")
        try loop.run()
        signals.close()
        desk.close()
        link.close()
        log.info("stopped")
    }

    /// Reads the certificate and the authorities again, for the connections to come.
    private func reloadCertificates() {
        guard link.isSecure else { return }
        do {
            link.use(try AgentSettings.tls(settings))
            log.info("certificates re-read")
        } catch {
            log.error("the new certificates cannot be used, the old ones stay", ["error": LogValue("\(error)")])
        }
    }

    /// What the desk needs of the machine and of the link.
    private func joinDesk() {
        desk.devices = { [unowned self] in
            Dictionary(sampler.gpus.descriptions.map { ($0.index, $0.uuid) }) { first, _ in first }
        }
        desk.port = CoordinatorPort(
            report: { [link] in link.report($0) }, contactNanoseconds: { [link] in link.contactNanoseconds })
        link.orderReceived = { [unowned self] in desk.take($0) }
        link.runsHeld = { [unowned self] in
            // What the runs stand for follows the list of them.
            loop.nextTurn { [unowned self] in desk.sessionBegan() }
            return desk.holdings()
        }
    }

    /// Begins the goodbye; a second signal on the way (the terminal's and then a script's) changes nothing.
    ///
    /// Runs end first, each with its grace: what the coordinator hears after a goodbye it could not believe.
    private func stop() {
        guard !isStopping else { return }
        isStopping = true
        supervisor.stopping()
        samples.stop()
        let patience = desk.longestGraceNanoseconds + Self.stopNanoseconds
        var isSaying = false
        let sayGoodbye = { [unowned self] in
            guard !isSaying else { return }
            isSaying = true
            link.stop()
            let deadline = Clock.monotonicNanoseconds() + Self.stopNanoseconds
            loop.schedule(afterNanoseconds: 10_000_000, repeating: true) { [unowned self] in
                if link.isIdle || Clock.monotonicNanoseconds() >= deadline { loop.stop() }
            }
        }
        desk.stop(sayGoodbye)
        // A task that cannot be killed, since the kernel holds it, must not hold the agent as well.
        loop.schedule(afterNanoseconds: patience, sayGoodbye)
    }
}
