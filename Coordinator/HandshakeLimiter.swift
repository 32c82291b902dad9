internal import Reactor

/// How often an address may fail to be an agent: agents share addresses behind routers, so only failures count.
final class HandshakeLimiter: Sendable {
    private let perMinute: Int
    private let failures = Guarded<[PeerAddress: RateWindow]>([:])

    /// - Parameter perMinute: failed handshakes a minute and address; 0 = no limit.
    init(perMinute: Int) { self.perMinute = perMinute }

    /// The seconds until an address that failed too often may try again; `nil` if it may now.
    func retryAfterSeconds(_ host: PeerAddress, now: UInt64) -> Int? {
        guard perMinute > 0 else { return nil }
        return failures.withLock { table in
            guard var window = table[host], window.remaining(now: now, limit: perMinute) == 0 else { return nil }
            return Int(window.wait(now: now, limit: perMinute) / 1_000_000_000) + 1
        }
    }

    /// An agent of that address was refused.
    func failed(_ host: PeerAddress, now: UInt64) {
        guard perMinute > 0 else { return }
        failures.withLock { table in
            if table.count > 10_000 { table = table.filter { !$0.value.isIdle(now: now) } }
            _ = table[host, default: RateWindow()].count(now: now, limit: perMinute)
        }
    }
}
