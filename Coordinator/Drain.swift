internal import Reactor

/// How a loop's sessions are sent away when the coordinator stops: spread over a window, so that their clients and
/// agents do not all come back in the same moment.
final class Drain {
    private unowned let edge: Edge
    private var sessions: [EdgeConnection]
    private let count: Int
    private let startedAt: UInt64
    private var windowNanoseconds: UInt64
    /// Whether nobody is left to be sent away.
    private(set) var isFinished = false

    private static let stepNanoseconds: UInt64 = 20_000_000
    /// A few sessions need no long window: this much for each.
    private static let spacingNanoseconds: UInt64 = 50_000_000

    /// - Parameters:
    ///   - sessions: who is to go, the last one first.
    ///   - windowNanoseconds: over which they are spread at most.
    init(of sessions: [EdgeConnection], on edge: Edge, windowNanoseconds: UInt64) {
        self.edge = edge
        self.sessions = sessions
        count = sessions.count
        startedAt = edge.loop.now
        self.windowNanoseconds = min(windowNanoseconds, UInt64(max(0, count - 1)) * Self.spacingNanoseconds)
    }

    /// Begins, and goes on until everybody was told.
    func start() { step() }

    /// Sends away at once who is left.
    func hurry() {
        guard !isFinished else { return }
        windowNanoseconds = 0
        sendAway(sessions.count)
        finish()
    }

    private func step() {
        guard !isFinished else { return }
        let elapsed = Clock.monotonicNanoseconds() - startedAt
        let share = windowNanoseconds == 0 ? 1 : min(1, Double(elapsed) / Double(windowNanoseconds))
        // The last one goes when the window is over, the first one at once.
        let due = share >= 1 ? count : Int(share * Double(count - 1)) + 1
        sendAway(due - (count - sessions.count))
        guard !sessions.isEmpty else { return finish() }
        edge.loop.schedule(afterNanoseconds: Self.stepNanoseconds) { [weak self] in self?.step() }
    }

    private func sendAway(_ number: Int) {
        for _ in 0..<max(0, number) {
            guard let session = sessions.popLast() else { return }
            if !session.isClosed { session.drain() }
        }
    }

    private func finish() {
        guard !isFinished else { return }
        isFinished = true
        edge.drainFinished()
    }
}
