import Synchronization

/// Whether every thread still turns: each answers a beat, and only when all have answered is the next one due.
final class Pulse: Sendable {
    private let awaited = Atomic<Int>(0)
    private let threads: Int

    /// - Parameter threads: that answer a beat.
    init(threads: Int) { self.threads = threads }

    /// Begins a beat if all threads have answered the last one.
    ///
    /// - Returns: whether they have; then each must be asked anew.
    func begin() -> Bool {
        guard awaited.load(ordering: .acquiring) == 0 else { return false }
        awaited.store(threads, ordering: .releasing)
        return true
    }

    /// A thread answers.
    func answer() { awaited.subtract(1, ordering: .acquiringAndReleasing) }
}
