internal import Grid
internal import Probe
internal import Reactor

/// Samples the machine once an interval and hands each sample on when the GPUs have answered, or will not in time.
final class SampleLoop {
    private let loop: EventLoop
    private let sampler: MachineSampler
    private let take: (NodeSample) -> Void
    private let inventoryChanged: () -> Void
    private let notice: (NVMLNotice) -> Void
    private var tickTimer: TimerID?
    private var wakeTimer: TimerID?
    private var introduced: (() -> Void)?
    private var patienceTimer: TimerID?
    /// How long the GPUs may take to say who they are; some drivers wake for seconds.
    private static let patienceNanoseconds: UInt64 = 3_000_000_000
    private var nextSequence: UInt64 = 1
    private var revision: Int
    private(set) var intervalMilliseconds: Int
    private var isStopped = false

    /// - Parameters:
    ///   - take: gets each sample.
    ///   - inventoryChanged: called when a GPU came or went.
    ///   - notice: gets what is worth a line of the log.
    init(
        loop: EventLoop, sampler: MachineSampler, intervalMilliseconds: Int, take: @escaping (NodeSample) -> Void,
        inventoryChanged: @escaping () -> Void, notice: @escaping (NVMLNotice) -> Void
    ) {
        self.loop = loop
        self.sampler = sampler
        self.intervalMilliseconds = intervalMilliseconds
        self.take = take
        self.inventoryChanged = inventoryChanged
        self.notice = notice
        revision = sampler.gpus.revision
    }

    /// Asks the GPUs for the first time, and takes the first sample an interval later.
    ///
    /// - Parameter introduced: called once, when it is known which GPUs there are, or nobody waits for that any longer.
    func start(introduced: @escaping () -> Void) throws(SystemError) {
        self.introduced = introduced
        sampler.gpus.tick(now: Clock.monotonicNanoseconds())
        try loop.watch(fileDescriptor: sampler.gpus.fileDescriptor) { [unowned self] in look() }
        patienceTimer = loop.schedule(afterNanoseconds: Self.patienceNanoseconds) { [unowned self] in introduce() }
        arm()
    }

    private func introduce() {
        if let patienceTimer { loop.cancel(patienceTimer) }
        patienceTimer = nil
        introduced?()
        introduced = nil
    }

    /// Samples at another interval from now on.
    func setInterval(milliseconds: Int) {
        let allowed = Limits.sampleIntervalMilliseconds
        let bounded = min(max(milliseconds, allowed.lowerBound), allowed.upperBound)
        guard bounded != intervalMilliseconds, !isStopped else { return }
        intervalMilliseconds = bounded
        sampler.gpus.configuration.intervalNanoseconds = UInt64(bounded) * 1_000_000
        arm()
    }

    private func arm() {
        if let tickTimer { loop.cancel(tickTimer) }
        tickTimer = loop.schedule(afterNanoseconds: UInt64(intervalMilliseconds) * 1_000_000, repeating: true) {
            [unowned self] in tick()
        }
    }

    private func tick() {
        finishIfReady(force: true)
        let now = Now(
            monotonicNanoseconds: Clock.monotonicNanoseconds(),
            wall: Timestamp(milliseconds: Clock.wallMilliseconds()))
        sampler.begin(sequence: nextSequence, now: now)
        nextSequence += 1
        look()
    }

    /// The GPUs may have said something, or a deadline of theirs may have come.
    private func look() {
        sampler.gpus.readable(now: Clock.monotonicNanoseconds())
        for line in sampler.gpus.takeNotices() { notice(line) }
        if introduced != nil, sampler.gpus.hasIntroducedGPUs { introduce() }
        finishIfReady(force: false)
        armWake()
    }

    private func finishIfReady(force: Bool) {
        let now = Clock.monotonicNanoseconds()
        guard sampler.readyBy != nil, force || sampler.isReady(now: now) else { return }
        let sample = sampler.finish(now: now)
        if sampler.gpus.revision != revision {
            revision = sampler.gpus.revision
            inventoryChanged()
        }
        take(sample)
    }

    /// One timer for the nearest of what is awaited: the begun sample, or a call of the driver.
    private func armWake() {
        if let wakeTimer { loop.cancel(wakeTimer) }
        wakeTimer = nil
        let now = Clock.monotonicNanoseconds()
        guard let due = [sampler.readyBy, sampler.gpus.deadline(now: now)].compactMap({ $0 }).min() else { return }
        wakeTimer = loop.schedule(afterNanoseconds: due > now ? due - now : 1_000_000) { [unowned self] in
            wakeTimer = nil
            look()
        }
    }

    /// Ends the sampling and the GPUs' child.
    func stop() {
        isStopped = true
        for timer in [tickTimer, wakeTimer, patienceTimer] { if let timer { loop.cancel(timer) } }
        tickTimer = nil
        wakeTimer = nil
        patienceTimer = nil
        introduced = nil
        loop.unwatch(fileDescriptor: sampler.gpus.fileDescriptor)
        sampler.stop()
    }
}
