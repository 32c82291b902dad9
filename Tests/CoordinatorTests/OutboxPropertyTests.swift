import Bytes
@testable import Fanout
import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

/// A Hub and a Perform before a Store that commits when it likes, and a power cut at any moment: nobody was shown or
/// told anything that the disk does not have.
@Suite struct OutboxPropertyTests {
    @Test func nothingUncommittedReachesAnybody() {
        var (live, replayed, answers, waited) = (0, 0, 0, 0)
        for seed in UInt64(1)...10 {
            let world = OutboxWorld(seed: seed)
            for _ in 0..<6 {
                for _ in 0..<500 where world.faults.isEmpty { world.step() }
                world.crash()
            }
            #expect(world.faults.isEmpty, "seed \(seed): \(world.faults)")
            live += world.liveCount
            replayed += world.replayedCount
            answers += world.answerCount
            waited += world.waitedCount
        }
        // A run in which nothing happens, or whose Store is never late, shows nothing.
        #expect(live > 1000 && replayed > 1000 && answers > 1000 && waited > 500)
    }
}

/// Everything between the sessions and the disk, with the loops replaced by a list of who looks.
private final class OutboxWorld {
    private struct Reader {
        var session: SessionID
        var view: ViewID?
        /// The offset of the last event that it was shown.
        var seen: UInt64
        var isJoined = false
        /// It asked to leave and was not told yet that it did: until then events may still come.
        var isLeaving = false
        var wantsMore = false
    }

    private var random: RandomSource
    private var hub: Hub
    private var perform: Perform?
    private var readers: [SessionID: Reader] = [:]
    private var slot: UInt32 = 0
    private var clock: Int64 = 1_000_000
    /// Commits that the Store has not answered, oldest first.
    private var pending: [(ticket: UInt64, changes: [StoreChange])] = []
    private var ticket: UInt64 = 0
    private var disk: [LoggedEvent] = []
    private(set) var faults: [String] = []
    private(set) var (liveCount, replayedCount, answerCount, waitedCount) = (0, 0, 0, 0)

    init(seed: UInt64) {
        random = RandomSource(state: seed)
        hub = Hub(state: StoredState(coordinatorID: UUID128(high: 1, low: 1)), seed: seed, now: Self.now(0))
        restart()
    }

    private static let epoch: UInt64 = 7

    private static func now(_ milliseconds: Int64) -> Now {
        Now(monotonicNanoseconds: UInt64(milliseconds) * 1_000_000, wall: Timestamp(milliseconds: milliseconds))
    }

    // MARK: What happens

    func step() {
        clock += 1
        switch Int.random(in: 0..<20, using: &random) {
        case 0: arrive()
        case 1: depart()
        case 2, 3: apply(.leaveOrJoin)
        case 4..<8: pull()
        case 8..<13: commitSome()
        default: apply(.notify)
        }
    }

    private enum Deed { case notify, leaveOrJoin }

    private func apply(_ deed: Deed) {
        switch deed {
        case .notify:
            let request = RequestID(session: SessionAddress(loop: 0, slot: 0, generation: 1).id, number: 1)
            // Few keys, so that repeated requests meet one whose commit is still out.
            let key = Bool.random(using: &random) ? "k\(Int.random(in: 0..<50, using: &random))" : nil
            apply(
                .notificationRequested(
                    request,
                    NotificationRequest(
                        id: UUID128(high: 0, low: random.next()), sender: UserID("root"), key: key,
                        content: NotificationContent(title: "t", message: "m"))))
        case .leaveOrJoin:
            guard let reader = someone(), !reader.isLeaving else { return }
            if reader.isJoined {
                readers[reader.session]?.isJoined = false
                readers[reader.session]?.isLeaving = true
                apply(.leaveRequested(reader.session, .base(.general)))
            } else {
                readers[reader.session]?.isJoined = true
                let since = LogPosition(epoch: Self.epoch, offset: reader.seen)
                apply(.joinRequested(reader.session, room: .base(.general), filter: RoomFilter(), since: since))
            }
        }
    }

    private func apply(_ event: HubEvent) {
        var effects: [Effect] = []
        hub.apply(event, now: Self.now(clock), effects: &effects)
        perform?.perform(
            effects,
            commit: { changes in
                ticket += 1
                pending.append((ticket, changes))
                return ticket
            }, later: { _ in faults.append("something of a room that is never told early") })
    }

    private func someone() -> Reader? {
        readers.values.sorted { $0.session < $1.session }.randomElement(using: &random)
    }

    private func arrive() {
        slot += 1
        let session = SessionAddress(loop: 0, slot: slot, generation: 1).id
        let seen = disk.isEmpty ? 0 : UInt64.random(in: 0...UInt64(disk.count), using: &random)
        readers[session] = Reader(session: session, seen: seen)
        apply(.sessionOpened(session, Subscriber(user: UserID("u"), permissions: [])))
    }

    private func depart() {
        guard let reader = someone() else { return }
        readers[reader.session] = nil
        perform?.forget(reader.session)
        apply(.sessionClosed(reader.session))
    }

    private func pull() {
        guard let reader = readers.values.filter(\.wantsMore).min(by: { $0.session < $1.session }) else { return }
        readers[reader.session]?.wantsMore = false
        apply(.replayWanted(reader.session, .general))
    }

    /// The Store answers for some of what waits.
    private func commitSome() {
        guard !pending.isEmpty else { return }
        let count = Int.random(in: 1...pending.count, using: &random)
        for (_, changes) in pending[..<count] {
            for case .event(let event) in changes { disk.append(event) }
        }
        let last = pending[count - 1].ticket
        pending.removeFirst(count)
        if !pending.isEmpty { waitedCount += 1 }
        perform?.committed(through: last)
    }

    /// The power goes: what is not on the disk never was.
    func crash() {
        pending.removeAll()
        readers.removeAll()
        restart()
    }

    private func restart() {
        let log = StoredLog(room: .general, epoch: Self.epoch, events: disk)
        hub = Hub(
            state: StoredState(logs: [log], coordinatorID: UUID128(high: 1, low: 1)), seed: random.next(),
            now: Self.now(clock))
        let encode: Publisher.Encoder = { _, event, buffer in buffer.append("\(event.position.offset)") }
        perform = Perform(
            publisher: Publisher(loops: 1, encode: encode) { [unowned self] _, message in received(message) },
            replays: ReplayEncoder(encode: encode), sendToLoop: { [unowned self] _, message in received(message) },
            audit: { _ in })
    }

    // MARK: What is seen

    private func received(_ message: Publisher.Message) {
        switch message {
        case .viewChanged(let session, _, let view, _, _):
            // One that has gone is told nothing: the fan-out would keep it for ever.
            if readers[session] == nil { faults.append("a view for a session that is gone") }
            readers[session]?.view = view
        case .delivery(let delivery):
            let frame = delivery.segment.bytes(from: delivery.start, to: delivery.end)
            for session in readers.keys.sorted() {
                guard let view = readers[session]?.view, delivery.views.contains(view) else { continue }
                liveCount += 1
                for offset in Self.offsets(frame) { show(offset, to: session) }
            }
        }
    }

    private func received(_ message: EdgeMessage) {
        switch message {
        case .effect(.answer(_, .notified(_, let position))):
            answerCount += 1
            if position.offset > disk.count { faults.append("answered \(position.offset) of \(disk.count)") }
        case .replay(let session, _, let frames, let isLast):
            guard readers[session] != nil else { return faults.append("a replay for a session that is gone") }
            frames.withBytes { bytes in
                for offset in Self.offsets(bytes) {
                    replayedCount += 1
                    show(offset, to: session)
                }
            }
            readers[session]?.wantsMore = !isLast
        case .effect(.roomLeft(let session, _)):
            readers[session]?.isLeaving = false
        default: break
        }
    }

    /// Every session resumes from what it saw, so that each event comes to it once and in order for ever.
    private func show(_ offset: UInt64, to session: SessionID) {
        if offset > disk.count { faults.append("shown \(offset), on disk are \(disk.count)") }
        if let seen = readers[session]?.seen, offset != seen + 1 { faults.append("\(offset) behind \(seen)") }
        readers[session]?.seen = offset
    }

    /// The payloads of short text frames: an offset each.
    private static func offsets(_ frames: UnsafeRawBufferPointer) -> [UInt64] {
        var offsets: [UInt64] = []
        var place = 0
        while place + 2 <= frames.count {
            let length = Int(frames[place + 1])
            let text = String(decoding: frames[(place + 2)..<(place + 2 + length)], as: UTF8.self)
            offsets.append(UInt64(text) ?? 0)
            place += 2 + length
        }
        return offsets
    }
}

/// SplitMix64: the same numbers in every run.
private struct RandomSource: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
