internal import Access
internal import Bytes
internal import Grid
internal import Reactor

/// The NeuroGraph clients of all loops by the names that they were given: who is here in which session, and which
/// session those were in who dropped, so that they can go on from there.
///
/// An entry is a few words: what an absent client misses of its channels the Hub keeps, for the session that it was in.
/// Only what is said to it alone is kept here.
final class ClientTable: Sendable {
    /// What a client left behind.
    struct Absence {
        /// In the order in which it subscribed.
        var channels: [EventChannel] = []
        /// For which the Hub keeps what comes; `nil` where it never came so far.
        var session: SessionID?
        /// Messages to it alone, oldest first.
        var letters: [ByteBuffer] = []
        /// Of those, how many were let go.
        var lostLetters: UInt64 = 0
    }

    /// How a client begins.
    enum Arrival {
        case new
        /// It has been here before.
        case back(Absence)
        /// It has been here before, and its former session still is: that one has to end first.
        case after(SessionID)
    }

    /// Where a message to one client goes.
    enum Delivery {
        case here(SessionID)
        /// It will get it when it comes back.
        case kept
        case unknown
    }

    private struct Entry {
        var user: UserID
        /// `nil` while nobody of that name is here.
        var session: SessionID?
        /// What the last session left, until the next one has it.
        var absence: Absence?
        /// When the last session ended, in monotonic nanoseconds.
        var leftAt: UInt64 = 0
    }

    private struct State {
        var entries: [UUID128: Entry] = [:]
        var silent: [UUID128: SessionID] = [:]
        var absent = 0
        var letterBytes = 0
        var sweptAt: UInt64 = 0
    }

    private static let patience = UInt64(Limits.bufferSeconds) * 1_000_000_000
    private static let sweepInterval: UInt64 = 1_000_000_000
    private let limit: Int
    private let state = Guarded(State())

    /// - Parameter limit: events that are kept for one client; 0 = no limit.
    init(limit: Int) { self.limit = limit > 0 ? limit : .max }

    /// A client comes in a new session.
    ///
    /// - Parameters:
    ///   - claimed: the name that it says it had; it has it again if the same user had it.
    ///   - now: monotonic nanoseconds.
    func arrive(
        as claimed: UUID128?, user: UserID, session: SessionID, now: UInt64
    ) -> (client: UUID128, arrival: Arrival) {
        state.withLock { state in
            Self.sweep(&state, now: now)
            guard let claimed, var entry = state.entries[claimed], entry.user == user,
                entry.session != nil || now - min(now, entry.leftAt) < Self.patience
            else {
                let client = SecureRandom.uuid()
                state.entries[client] = Entry(user: user, session: session)
                return (client, .new)
            }
            let predecessor = entry.session
            entry.session = session
            defer { state.entries[claimed] = entry }
            if let predecessor { return (claimed, .after(predecessor)) }
            state.absent -= 1
            return (claimed, .back(Self.take(&entry, &state)))
        }
    }

    /// What the former session of a client left, once it has; `nil` before that.
    func collect(_ client: UUID128, for session: SessionID) -> Absence? {
        state.withLock { state in
            guard var entry = state.entries[client], entry.session == session, entry.absence != nil else { return nil }
            defer { state.entries[client] = entry }
            return Self.take(&entry, &state)
        }
    }

    /// A session ends, and its client may come back.
    ///
    /// - Parameter absence: `nil` where the session had not taken over from the one before it.
    /// - Returns: the session of the same client that waits for this end, if there is one.
    func leave(_ client: UUID128, session: SessionID, absence: Absence?, now: UInt64) -> SessionID? {
        state.withLock { state in
            guard var entry = state.entries[client] else { return nil }
            if var absence {
                state.letterBytes += absence.letters.reduce(0) { $0 + $1.count }
                // What was said to it meanwhile is newer.
                absence.letters += entry.absence?.letters ?? []
                absence.lostLetters += entry.absence?.lostLetters ?? 0
                entry.absence = absence
            }
            if entry.session == session {
                entry.session = nil
                entry.leftAt = now
                state.absent += 1
            }
            state.entries[client] = entry
            Self.sweep(&state, now: now)
            return entry.absence == nil ? nil : entry.session
        }
    }

    /// A session ends whose client has no reason to come back.
    func forget(_ client: UUID128, session: SessionID) {
        state.withLock { state in
            state.silent[client] = nil
            guard state.entries[client]?.session == session else { return }
            state.entries[client] = nil
        }
    }

    /// A client was greeted that has said nothing yet, so that the Hub does not know it (EVENTS 1).
    func greetedSilent(_ client: UUID128, in session: SessionID) { state.withLock { $0.silent[client] = session } }

    /// It has said something.
    func spoke(_ client: UUID128) { state.withLock { $0.silent[client] = nil } }

    /// Clients whom what is said to everybody does not reach by the Hub.
    var silent: [UUID128: SessionID] { state.withLock { $0.silent } }

    /// Says something to one client: where it is, or for its return.
    func send(_ message: ByteBuffer, to client: UUID128, now: UInt64) -> Delivery {
        state.withLock { state in
            Self.sweep(&state, now: now)
            guard let entry = state.entries[client] else { return .unknown }
            if let session = entry.session, entry.absence == nil { return .here(session) }
            keep(message, for: client, &state)
            return .kept
        }
    }

    private func keep(_ message: ByteBuffer, for client: UUID128, _ state: inout State) {
        guard var entry = state.entries[client] else { return }
        defer { state.entries[client] = entry }
        var absence = entry.absence ?? Absence()
        defer { entry.absence = absence }
        guard state.letterBytes + message.count <= Limits.personalBytesTotal else {
            absence.lostLetters += 1
            return
        }
        if absence.letters.count >= limit {
            state.letterBytes -= absence.letters.removeFirst().count
            absence.lostLetters += 1
        }
        absence.letters.append(message)
        state.letterBytes += message.count
    }

    private static func take(_ entry: inout Entry, _ state: inout State) -> Absence {
        defer { entry.absence = nil }
        let absence = entry.absence ?? Absence()
        state.letterBytes -= absence.letters.reduce(0) { $0 + $1.count }
        return absence
    }

    /// Forgets who was away for too long, and of too many those that went first.
    private static func sweep(_ state: inout State, now: UInt64) {
        guard now >= state.sweptAt + sweepInterval || state.absent > Limits.absentClients else { return }
        state.sweptAt = now
        var gone = state.entries.filter { $0.value.session == nil && now - min(now, $0.value.leftAt) >= patience }
            .map(\.key)
        if state.absent - gone.count > Limits.absentClients {
            // The oldest tenth at once, so that a flood of clients is not sorted for each of them.
            let oldest = state.entries.filter { $0.value.session == nil }.sorted { $0.value.leftAt < $1.value.leftAt }
            gone = oldest.prefix(max(gone.count, Limits.absentClients / 10)).map(\.key)
        }
        for client in gone {
            guard var entry = state.entries.removeValue(forKey: client) else { continue }
            _ = take(&entry, &state)
            state.absent -= 1
        }
    }
}
