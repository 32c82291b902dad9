internal import Access
internal import Grid
internal import Reactor

/// The API keys that are taken: one table for all loops, asked once for each connection and request that brings a key,
/// and for what each of them may send.
///
/// A key is in here from when the Store has it until its revocation is stored; beyond its term it is not found.
/// Whoever is let in must become a session of its loop in the same turn: the word that a key was taken back comes to
/// the loop behind this table's change, so it finds every session that was let in before.
final class APIKeyTable: Sendable {
    /// Who speaks with a key.
    struct Bearer: Hashable, Sendable {
        var id: APIKeyID
        var owner: UserID
        /// Requests and messages a minute, all connections of the key together; 0 = no limit.
        var ratePerMinute: Int
        /// From when on the key is taken no more; `nil`: it has no term.
        var expiresAt: Timestamp?

        /// Whether the key's term is over at `now`.
        func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }
    }

    /// What stands against one more request or message of a key.
    enum Verdict: Hashable {
        case allowed
        /// Too many within a minute; another one can be allowed after that many nanoseconds.
        case tooFrequent(waitNanoseconds: UInt64)
        /// The key was taken back.
        case revoked
    }

    private struct Entry {
        var bearer: Bearer
        var window = RateWindow()
        /// When the Hub was last told that it is in use, on the monotonic clock; `nil` since the start: never.
        var notedAt: UInt64?
    }

    private struct Table {
        var ids: [Digest256: APIKeyID] = [:]
        var entries: [APIKeyID: Entry] = [:]
    }

    private let table = Guarded(Table())

    /// - Parameter stored: what the Store remembers.
    init(_ stored: [APIKeyRecord] = []) {
        for record in stored { set(record) }
    }

    /// From now on the key is taken, or no more.
    func set(_ record: APIKeyRecord) {
        table.withLock { table in
            guard record.isActive else {
                table.ids[record.digest] = nil
                table.entries[record.id] = nil
                return
            }
            table.ids[record.digest] = record.id
            let bearer = Bearer(
                id: record.id, owner: record.owner, ratePerMinute: record.ratePerMinute, expiresAt: record.expiresAt)
            table.entries[record.id, default: Entry(bearer: bearer)].bearer = bearer
        }
    }

    /// Who speaks with this key at `now`; `nil` where there is no such key, or none any more: strangers are not told
    /// which.
    func find(_ key: APIKey, at now: Timestamp) -> Bearer? {
        let bearer = table.withLock { table in table.ids[key.digest].flatMap { table.entries[$0]?.bearer } }
        guard let bearer, !bearer.isExpired(at: now) else { return nil }
        return bearer
    }

    /// Counts one request or message of the key at `now`, monotonic nanoseconds, if its rate allows it.
    func count(_ id: APIKeyID, now: UInt64) -> Verdict {
        table.withLock { table in
            guard var entry = table.entries[id] else { return .revoked }
            let wait = entry.window.count(now: now, limit: entry.bearer.ratePerMinute)
            table.entries[id] = entry
            guard let wait else { return .allowed }
            return .tooFrequent(waitNanoseconds: wait)
        }
    }

    private static let noteNanoseconds = UInt64(Limits.apiKeyUseSeconds) * 1_000_000_000

    /// Whether the Hub is to be told by ``Hub/HubEvent/apiKeyUsed(_:)`` that the key was used at `now`, monotonic
    /// nanoseconds: not oftener than is noted anyway, over all loops.
    func notesUse(of id: APIKeyID, now: UInt64) -> Bool {
        table.withLock { table in
            guard let entry = table.entries[id] else { return false }
            if let noted = entry.notedAt, now < noted + Self.noteNanoseconds { return false }
            table.entries[id]?.notedAt = now
            return true
        }
    }
}
