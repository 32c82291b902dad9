internal import Reactor

/// How many sessions an address may open and hold: one table for all loops, asked once an upgrade.
final class ConnectionLimiter: Sendable {
    /// What stands against a new session.
    enum Verdict {
        case allowed
        /// Too many upgrades within a minute; another try can succeed after that many seconds.
        case tooFrequent(retryAfterSeconds: Int)
        /// Too many open sessions.
        case tooMany
    }

    private struct Entry {
        var window = RateWindow()
        var open = 0
    }

    private let perMinute: Int
    private let concurrent: Int
    private let entries = Guarded<[PeerAddress: Entry]>([:])

    /// - Parameters:
    ///   - perMinute: upgrades a minute and address; 0 = no limit.
    ///   - concurrent: open sessions an address; 0 = no limit.
    init(perMinute: Int, concurrent: Int) {
        self.perMinute = perMinute
        self.concurrent = concurrent
    }

    /// Counts a new session of that address if both limits allow it; then ``release(_:)`` must follow its end.
    ///
    /// - Parameter isRateCounted: whether it is one of those that there may be only so many of a minute.
    func admit(_ host: PeerAddress, isRateCounted: Bool = true, now: UInt64) -> Verdict {
        guard perMinute > 0 || concurrent > 0 else { return .allowed }
        return entries.withLock { table in
            if table.count > 10_000 { table = table.filter { $0.value.open > 0 || !$0.value.window.isIdle(now: now) } }
            var entry = table[host] ?? Entry()
            defer { table[host] = entry }
            if concurrent > 0, entry.open >= concurrent { return .tooMany }
            if isRateCounted, let wait = entry.window.count(now: now, limit: perMinute) {
                return .tooFrequent(retryAfterSeconds: Int(wait / 1_000_000_000) + 1)
            }
            entry.open += 1
            return .allowed
        }
    }

    /// A session of that address has ended.
    ///
    /// - Parameter isForgiven: whether it is as if it had never been.
    func release(_ host: PeerAddress, isForgiven: Bool = false) {
        guard perMinute > 0 || concurrent > 0 else { return }
        entries.withLock { table in
            guard var entry = table[host] else { return }
            entry.open = max(0, entry.open - 1)
            if isForgiven { entry.window.takeBack() }
            table[host] = entry
        }
    }
}
