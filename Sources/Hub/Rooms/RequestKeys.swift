internal import Grid

/// The names that senders gave their requests, as far as a room's log still has what came of them.
///
/// An index and no more: the keys themselves are kept with the events, so they survive a restart and are let go with
/// them.
struct RequestKeys: Sendable {
    private struct Name: Hashable, Sendable {
        var sender: UserID
        var key: String
    }

    private var offsets: [Name: UInt64] = [:]
    /// Names beyond which those of events that are gone are swept out.
    private var sweepsAt = 64

    init(_ log: History) {
        var offset = log.trimmedThrough
        while let event = log[offset + 1] {
            offset += 1
            guard let (sender, key) = event.event.request else { continue }
            remember(key, of: sender, at: offset, in: log)
        }
    }

    /// What came of the request of that name; `nil` where there was none, or the log has let go of it.
    func find(_ key: String, of sender: UserID, in log: History) -> LoggedEvent? {
        offsets[Name(sender: sender, key: key)].flatMap { log[$0] }
    }

    mutating func remember(_ key: String, of sender: UserID, at offset: UInt64, in log: History) {
        offsets[Name(sender: sender, key: key)] = offset
        guard offsets.count > sweepsAt else { return }
        offsets = offsets.filter { $0.value > log.trimmedThrough }
        sweepsAt = max(64, 2 * offsets.count)
    }
}

extension RoomEvent {
    /// Who asked for it under which name, where the log is all that remembers it.
    fileprivate var request: (sender: UserID, key: String)? {
        switch self {
        case .systemNotification(let event): event.requestKey.map { (event.sender, $0) }
        case .predictionMade(let event): event.requestKey.map { (event.sender, $0) }
        default: nil
        }
    }
}
