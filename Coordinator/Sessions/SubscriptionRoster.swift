internal import Grid
internal import Reactor

/// Who subscribes to what in one dialect, over all loops: what its statistics tell.
///
/// A lock around a table, taken when a client comes, goes or changes a subscription, and never by an event.
final class SubscriptionRoster: Sendable {
    /// What it holds at one moment.
    struct Summary: Equatable {
        struct Line: Equatable {
            var id: String
            var subscribers: Int
        }

        var clients = 0
        /// Different ones.
        var subscriptions = 0
        /// Those with most subscribers first, then by name.
        var lines: [Line] = []
    }

    private struct State {
        var clients = 0
        var subscribers: [String: Int] = [:]

        mutating func leave(_ id: String) {
            guard let count = subscribers[id] else { preconditionFailure("a subscription ends that never began") }
            subscribers[id] = count > 1 ? count - 1 : nil
        }
    }

    private let state = Guarded(State())

    /// A client came; ``clientWent(_:)`` must follow.
    func clientCame() { state.withLock { $0.clients += 1 } }

    /// A client is gone, and its subscriptions with it.
    func clientWent(_ subscriptions: [String]) {
        state.withLock { state in
            state.clients -= 1
            for id in subscriptions { state.leave(id) }
        }
    }

    func subscribed(_ id: String) { state.withLock { $0.subscribers[id, default: 0] += 1 } }

    func unsubscribed(_ id: String) { state.withLock { $0.leave(id) } }

    /// Clients that are here.
    var clientCount: Int { state.withLock { $0.clients } }

    /// Subscribers of one subscription.
    func count(_ id: String) -> Int { state.withLock { $0.subscribers[id] ?? 0 } }

    /// - Parameter limit: how many subscriptions are listed at most.
    func summary(limit: Int = Limits.listedSubscriptions) -> Summary {
        let (clients, subscribers) = state.withLock { ($0.clients, $0.subscribers) }
        let lines = subscribers.map { Summary.Line(id: $0.key, subscribers: $0.value) }
            .sorted { ($1.subscribers, $0.id) < ($0.subscribers, $1.id) }
        return Summary(clients: clients, subscriptions: lines.count, lines: Array(lines.prefix(limit)))
    }
}
