internal import Reactor
internal import Synchronization

/// Whether every thread still turns: each answers a beat, and only when all have answered is the next one due.
final class Pulse: Sendable {
    private let awaited = Atomic<Int>(0)
    private let threads: Int
    /// Threads that could not be asked yet: their mailboxes were full.
    private let unasked = Guarded<[Int]>([])

    /// - Parameter threads: that answer a beat.
    init(threads: Int) { self.threads = threads }

    /// Begins a beat if all threads have answered the last one; else asks those again that it could not ask. A full
    /// mailbox is no proof that nobody empties it, so one question that found no room must not be the last.
    ///
    /// - Parameter ask: puts the question to the thread of that number; `false` where there is no room for it.
    /// - Returns: whether all threads had answered.
    func begin(ask: (Int) -> Bool) -> Bool {
        let isDue = awaited.load(ordering: .acquiring) == 0
        if isDue { awaited.store(threads, ordering: .releasing) }
        unasked.withLock { list in
            if isDue { list = Array(0..<threads) }
            list.removeAll(where: ask)
        }
        return isDue
    }

    /// A thread answers.
    func answer() { awaited.subtract(1, ordering: .acquiringAndReleasing) }
}
