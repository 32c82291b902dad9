import Synchronization

/// How many connections the process may hold, over all loops.
final class ConnectionBudget: Sendable {
    private let limit: Int
    private let taken = Atomic<Int>(0)

    /// - Parameter limit: connections that may be open at once.
    init(limit: Int) { self.limit = limit }

    /// The limit that the configuration and the system together allow.
    ///
    /// - Parameters:
    ///   - configured: by the operator; 0 = no limit.
    ///   - descriptors: that the process may open.
    ///   - reserve: descriptors that are not for connections.
    static func limit(configured: Int, descriptors: Int, reserve: Int) -> Int {
        let possible = max(1, descriptors - reserve)
        return configured > 0 ? min(configured, possible) : possible
    }

    /// Takes a place for a connection if one is left; ``release()`` must follow its end.
    func admit() -> Bool {
        if taken.add(1, ordering: .relaxed).newValue <= limit { return true }
        taken.subtract(1, ordering: .relaxed)
        return false
    }

    /// A connection has ended.
    func release() { taken.subtract(1, ordering: .relaxed) }
}
