internal import Grid

/// Sessions whose clients have dropped: until when each is waited for, and who has come back for one that is still
/// there.
struct Absences: Sendable {
    /// A client that came back in that session.
    struct Wish: Sendable {
        var session: SessionID
        var rooms: [Room]
        var limit: Int
    }

    private static let patience = UInt64(Limits.bufferSeconds) * 1_000_000_000
    /// In the order in which they left, and thus of their ends; some are no longer there.
    private var order: [(session: SessionID, until: UInt64)] = []
    private var until: [SessionID: UInt64] = [:]
    /// By the session whose end is waited for.
    var wishes: [SessionID: Wish] = [:]

    var count: Int { until.count }

    /// When the first one has been waited for long enough, in monotonic nanoseconds.
    var earliest: UInt64? { order.first?.until }

    mutating func append(_ session: SessionID, now: UInt64) {
        until[session] = now + Self.patience
        order.append((session, now + Self.patience))
    }

    /// Waits for it no more, if it was waited for.
    @discardableResult
    mutating func remove(_ session: SessionID) -> Bool {
        guard until.removeValue(forKey: session) != nil else { return false }
        // What is gone in the middle goes when it comes to the front.
        let gone = order.prefix { until[$0.session] == nil }.count
        order.removeFirst(gone)
        return true
    }

    /// Those that were waited for long enough, or are too many: they are no longer there.
    mutating func takeOverdue(now: UInt64) -> [SessionID] {
        var overdue: [SessionID] = []
        while let first = order.first, first.until <= now || count > Limits.absentClients {
            order.removeFirst()
            if until.removeValue(forKey: first.session) != nil { overdue.append(first.session) }
        }
        return overdue
    }
}
