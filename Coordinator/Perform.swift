internal import Fanout
internal import Grid
internal import Hub
internal import Wire

/// Carries out the Hub's effects: the only switch over ``Effect``.
///
/// Publications go to the loops at once, encoded once per class. What promises something (a welcome, an answer)
/// waits until the Store has reported the changes of the same `apply` as committed.
final class Perform {
    private let publisher: Publisher
    private let sendToLoop: (Int, EdgeMessage) -> Void
    private let audit: (AuditEntry) -> Void
    private let revoke: (Revocation) -> Void
    /// Effects that wait for a commit, oldest first.
    private var held: [(ticket: UInt64, effects: [Effect])] = []
    private var changes: [StoreChange] = []
    private var waiting: [Effect] = []

    /// - Parameters:
    ///   - publisher: the fan-out's writing end.
    ///   - sendToLoop: hands a message to the loop of that number.
    ///   - audit: writes a line of the audit log.
    ///   - revoke: takes tokens back, at every edge.
    init(
        publisher: Publisher, sendToLoop: @escaping (Int, EdgeMessage) -> Void,
        audit: @escaping (AuditEntry) -> Void, revoke: @escaping (Revocation) -> Void = { _ in }
    ) {
        self.publisher = publisher
        self.sendToLoop = sendToLoop
        self.audit = audit
        self.revoke = revoke
    }

    // MARK: Measures

    /// What was published so far.
    var published: PublisherStatistics { publisher.statistics }

    /// Compressions so far.
    var compressionCount: UInt64 { publisher.compressedCount }

    /// Effects that wait for a commit, each `apply` counted once.
    var heldCount: Int { held.count }

    /// Tells a loop what no effect says.
    func tell(_ loop: Int, _ message: EdgeMessage) { sendToLoop(loop, message) }

    // MARK: Effects

    /// Carries out the effects of one `apply`.
    ///
    /// - Parameter commit: takes the durable changes, if any, and answers with their ticket.
    func perform(_ effects: [Effect], commit: ([StoreChange]) -> UInt64) {
        for effect in effects { perform(effect) }
        guard !changes.isEmpty else { return }
        let ticket = commit(changes)
        held.append((ticket, waiting))
        changes.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
    }

    private func perform(_ effect: Effect) {
        switch effect {
        case .publish(let publication):
            publisher.publish(publication.event, views: publication.views)
        case .persist(let change):
            changes.append(change)
        case .viewChanged(let session, let room, let view, _):
            let address = SessionAddress(session)
            let key = ClassKey(room: room, dialect: .native, framing: address.framing)
            publisher.setView(session, loop: address.loop, key: key, view: view)
        case .audit(let entry):
            audit(entry)
        case .revoked(let revocation):
            if changes.isEmpty { revoke(revocation) } else { waiting.append(effect) }
        case .agentChallenge(let session, _), .agentRefused(let session, _), .agentWelcome(let session, _),
            .agentAck(let session, _), .agentAdvice(let session, _), .agentFenced(let session),
            .roomJoined(let session, _, _, _), .roomLeft(let session, _), .refused(let session, _),
            .roomLimit(let session, _):
            release(effect, to: session)
        case .answer(let request, _):
            release(effect, to: request.session)
        }
    }

    /// Sends a private effect, or keeps it until the changes before it are committed.
    private func release(_ effect: Effect, to session: SessionID) {
        if changes.isEmpty { deliver(effect, to: session) } else { waiting.append(effect) }
    }

    private func deliver(_ effect: Effect, to session: SessionID) {
        sendToLoop(SessionAddress(session).loop, .effect(effect))
    }

    /// The Store has committed everything up to that ticket.
    func committed(through ticket: UInt64) {
        let ready = held.prefix { $0.ticket <= ticket }.count
        for entry in held[..<ready] {
            for effect in entry.effects { perform(effect) }
        }
        held.removeFirst(ready)
    }

    /// Whether something still waits for a commit.
    var isWaiting: Bool { !held.isEmpty }

    /// A session is gone: the fan-out forgets it.
    func forget(_ session: SessionID) {
        publisher.forget(session, loop: SessionAddress(session).loop)
    }
}
