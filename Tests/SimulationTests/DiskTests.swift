import Grid
import Testing

@testable import Hub
@testable import neurogrid_simulate

@Suite("The simulated disk and outbox")
struct DiskTests {
    private func job(_ name: String) -> StoreChange {
        .job(JobRecord(id: name, owner: UserID("u"), createdAt: Timestamp(milliseconds: 0)))
    }

    @Test("A crash keeps whole transactions of what was being written, in order, and nothing of the rest")
    func crash() {
        for kept in 0...3 {
            var disk = Disk()
            disk.add(Disk.Transaction(ticket: 1, changes: [job("a"), job("b")]))
            let began = disk.begin()
            #expect(began)
            let beganAgain = disk.begin()
            #expect(!beganAgain)
            disk.add(Disk.Transaction(ticket: 2, changes: [job("c")]))
            #expect(disk.crash(keeping: kept).count == min(kept, 1))
            #expect(Set(disk.book.jobs.keys) == (kept == 0 ? [] : ["a", "b"]))
            #expect(disk.waiting.isEmpty && disk.writing == 0)
        }
    }

    @Test("What waits while one commit is written becomes one commit; a full disk begins none")
    func groups() {
        var disk = Disk()
        disk.add(Disk.Transaction(ticket: 1, changes: [job("a")]))
        let began3 = disk.begin()
        #expect(began3)
        for ticket in 2...4 { disk.add(Disk.Transaction(ticket: UInt64(ticket), changes: [job("\(ticket)")])) }
        #expect(disk.finish().map(\.ticket) == [1])
        disk.isFull = true
        let began4 = disk.begin()
        #expect(!began4)
        disk.isFull = false
        let began5 = disk.begin()
        #expect(began5)
        #expect(disk.finish().map(\.ticket) == [2, 3, 4])
        #expect(disk.book.jobs.count == 4)
    }

    @Test("A promise waits for the changes of its own apply; readings do not")
    func promises() {
        var outbox = Outbox()
        var ready: [Effect] = []
        let session = SessionID(bits: 5)
        let changes = outbox.take(
            [
                .agentAck(session, sequence: 1), .persist(job("a")), .agentAck(session, sequence: 2),
                .audit(AuditEntry(at: Timestamp(milliseconds: 0), kind: .deposited)),
            ], ticket: 9, ready: &ready)
        #expect(changes == [job("a")])
        #expect(ready.count == 2)
        #expect(outbox.committed(through: 8).isEmpty && !outbox.isEmpty)
        let held = outbox.committed(through: 9)
        guard held.count == 1, case .agentAck(_, 2) = held[0] else { return #expect(Bool(false)) }
        #expect(outbox.isEmpty)
    }

    @Test("What tells of a durable room waits for that room's commit, though it stored nothing itself")
    func barriers() {
        var outbox = Outbox()
        var ready: [Effect] = []
        let event = LoggedEvent(
            position: LogPosition(epoch: 1, offset: 1), at: Timestamp(milliseconds: 0), facts: EventFacts(),
            event: .taskUpdated(.example(.pending, previous: nil, kind: .created)))
        _ = outbox.take([.persist(.event(event))], ticket: 1, ready: &ready)
        let position = LogPosition(epoch: 1, offset: 1)
        _ = outbox.take(
            [
                .roomJoined(SessionID(bits: 1), .base(.tasks), position, recovery: nil),
                .roomJoined(SessionID(bits: 1), .base(.nodes), position, recovery: nil),
            ], ticket: 2, ready: &ready)
        #expect(ready.count == 1)
        #expect(outbox.committed(through: 1).count == 1)
    }
}

extension TaskUpdated {
    static func example(_ state: TaskState, previous: TaskState?, kind: Kind = .status) -> TaskUpdated {
        TaskUpdated(
            kind: kind, task: .example, number: 1, job: "j", owner: UserID("u"), state: state, previous: previous,
            node: nil, epoch: 1, updatedAt: Timestamp(milliseconds: 0), currency: .usd)
    }
}

extension TaskID {
    static let example = TaskID(UUID128(high: 1, low: 1))
}
