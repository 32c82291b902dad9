import Glibc
import Grid
import Testing

@testable import Probe

/// A supervisor with real children, driven as the agent's loop drives it.
final class Rig {
    let supervisor: NVMLSupervisor
    private var nextTick: UInt64 = 0
    private(set) var notices: [String] = []
    private var children: Set<pid_t> = []

    init(_ configuration: NVMLConfiguration) throws {
        supervisor = try NVMLSupervisor(configuration: configuration)
    }

    /// On a busy machine a supervisor stops before its child has ended. The runner's exit tests wait for any child, and
    /// would wait for ever beside one that nobody takes.
    deinit {
        for child in children where waitpid(child, nil, WNOHANG) == 0 {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
    }

    var now: UInt64 { MonotonicClock.nanoseconds() }

    struct Timeout: Error {}

    /// Runs the loop, a tick every 50 ms, until the sample of a settled round satisfies `condition`.
    @discardableResult
    func run(until condition: (NodeSample) -> Bool) throws -> NodeSample {
        let end = now + 30_000_000_000
        while now < end {
            if now >= nextTick {
                nextTick = now + 50_000_000
                supervisor.tick(now: now)
            }
            var waiting = pollfd(fd: supervisor.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let due = min(nextTick, supervisor.deadline(now: now) ?? .max)
            _ = poll(&waiting, 1, Int32(clamping: (due - min(due, now)) / 1_000_000 + 1))
            supervisor.readable(now: now)
            if let child = supervisor.childProcess { children.insert(child) }
            notices += supervisor.takeNotices().map(\.message)
            guard supervisor.isSettled(now: now) || now >= nextTick else { continue }
            let sample = sample()
            if condition(sample) { return sample }
        }
        Issue.record("not within 30 s; notices \(notices), the last sample was \(sample())")
        throw Timeout()
    }

    /// Waits for the answers that are still due, without asking for more: on a busy machine ``run(until:)`` is content
    /// in the middle of a round.
    func finishRound() throws {
        let end = now + 30_000_000_000
        while supervisor.deadline(now: now) != nil {
            guard now < end else { throw Timeout() }
            var waiting = pollfd(fd: supervisor.fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, 10)
            supervisor.readable(now: now)
        }
    }

    /// Whether another child than `first` has read what there is.
    func hasRead(after first: Int32?) -> Bool {
        supervisor.childProcess != nil && supervisor.childProcess != first && supervisor.lastRoundNanoseconds > 0
    }

    func sample() -> NodeSample {
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 1000)
        supervisor.fill(&sample, now: now)
        return sample
    }
}

extension NVMLConfiguration {
    /// What even a starved machine takes for nothing.
    static let ample: UInt64 = 20_000_000_000

    /// Short waits between two tries. What is overdue is so only after an ample time: a test that provokes a hang says
    /// when it shortens that, and when that is over.
    var quick: NVMLConfiguration {
        var quick = self
        quick.intervalNanoseconds = 50_000_000
        quick.staleAfterNanoseconds = 500_000_000
        quick.callDeadlineNanoseconds = Self.ample
        quick.startDeadlineNanoseconds = Self.ample
        quick.stallNanoseconds = Self.ample
        quick.hungAfterNanoseconds = 2_000_000_000
        // Every round, so that no sample on the way takes what a test looks for.
        quick.processesEveryNanoseconds = 0
        quick.retryBaseNanoseconds = 300_000_000
        quick.retryCapNanoseconds = 2_000_000_000
        quick.absentRetryNanoseconds = 300_000_000
        return quick
    }
}
