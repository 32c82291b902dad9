internal import Reactor

/// Lets one line a second through, and counts the others: what strangers can cause at will must not fill a disk.
final class LogThrottle: Sendable {
    private struct State {
        var nextAt: UInt64 = 0
        var suppressed = 0
    }

    private let state = Guarded(State())
    private static let interval: UInt64 = 1_000_000_000

    /// Whether a line may be written at this monotonic time.
    ///
    /// - Returns: how many were kept back since the last one; `nil` if this one is, too.
    func admit(now: UInt64) -> Int? {
        state.withLock { state in
            guard now >= state.nextAt else {
                state.suppressed += 1
                return nil
            }
            defer { state.suppressed = 0 }
            state.nextAt = now + Self.interval
            return state.suppressed
        }
    }
}
