import Grid
import Glibc
import Reactor
import Synchronization
import Testing

@testable import Store

/// What a store's thread told, in order.
private final class Log: Sendable {
    struct Told: Hashable, Sendable {
        var ticket: UInt64
        var kind: StoreError.Kind?
    }

    private let told = Mutex<[Told]>([])
    private let stalls = Mutex<[StoreError.Kind?]>([])

    func answer(_ ticket: UInt64, _ result: Result<Void, StoreError>) {
        var kind: StoreError.Kind?
        if case .failure(let error) = result { kind = error.kind }
        told.withLock { $0.append(Told(ticket: ticket, kind: kind)) }
    }

    func stalled(_ error: StoreError?) { stalls.withLock { $0.append(error?.kind) } }

    var answers: [Told] { told.withLock { $0 } }
    var stallsTold: [StoreError.Kind?] { stalls.withLock { $0 } }
}

/// Lets the store's own thread, and no other, reach the archive that it owns.
private final class Reach: @unchecked Sendable {
    let archive: Archive
    init(_ archive: Archive) { self.archive = archive }
}

@Suite struct StoreThreadTests {
    let scratch = ScratchDirectory()

    private func start(
        _ archive: sending Archive, capacity: Int = 1000, _ log: Log, gate: Gate? = nil
    ) throws -> StoreThread {
        try StoreThread.start(
            archive: archive, capacity: capacity, retryMilliseconds: 1,
            answer: { ticket, result in
                log.answer(ticket, result)
                if ticket == 0 { gate?.wait() }
            }, stalled: { log.stalled($0) })
    }

    @Test func everyCommitIsAnsweredInOrderAndKept() throws {
        let log = Log()
        let store = try start(scratch.archive(), log)
        for ticket in 0..<200 {
            #expect(store.commit([.node(Sample.enrolledNode(ticket))], ticket: UInt64(ticket)))
        }
        store.stop()
        #expect(log.answers == (0..<200).map { Log.Told(ticket: $0, kind: nil) })
        #expect(store.outstandingCount == 0)
        #expect(store.statistics.commits == 200)
        #expect(log.stallsTold.isEmpty)
        let archive = try scratch.archive()
        #expect(try archive.load().nodes.count == 200)
        archive.close()
    }

    @Test func whatWaitsIsOneTransaction() throws {
        let log = Log()
        let gate = Gate()
        let store = try start(scratch.archive(), log, gate: gate)
        #expect(store.commit([.node(Sample.enrolledNode(0))], ticket: 0))
        // The thread answers ticket 0 only after the gate; whether these join its transaction or not, they share one.
        while store.statistics.commits == 0 { sched_yield() }
        for ticket in 1...100 {
            #expect(store.commit([.node(Sample.enrolledNode(ticket))], ticket: UInt64(ticket)))
        }
        gate.open()
        store.stop()
        #expect(store.statistics.transactions == 2 && store.statistics.commits == 101)
        #expect(store.statistics.latencies.count == 101 && store.statistics.batches.sum == 101)
        #expect(log.answers.count == 101)
    }

    @Test func aStoppedStoreTakesNothing() throws {
        let log = Log()
        let store = try start(scratch.archive(), log)
        store.stop()
        #expect(!store.commit([.node(Sample.enrolledNode(0))], ticket: 0))
        #expect(log.answers.isEmpty)
        #expect(scratch.names == ["lock", "neurogrid.db"], "closed and written back")
        try scratch.archive().close()
    }

    @Test func tooManyCommitsAreRefusedNotQueued() throws {
        let log = Log()
        let gate = Gate()
        let store = try start(scratch.archive(), capacity: 4, log, gate: gate)
        #expect(store.commit([], ticket: 0))
        while store.outstandingCount > 0 { sched_yield() }
        for ticket in 1...4 { #expect(store.commit([], ticket: UInt64(ticket))) }
        #expect(!store.commit([], ticket: 5))
        #expect(store.outstandingCount == 4)
        gate.open()
        store.stop()
        #expect(log.answers.map(\.ticket) == [0, 1, 2, 3, 4])
    }

    @Test func aFullDiskIsWaitedOut() throws {
        let log = Log()
        let archive = try scratch.archive()
        try limitPages(archive, more: 2)
        let reach = Reach(archive)
        nonisolated(unsafe) let handedOver = archive
        let asked = Gate()
        let store = try StoreThread.start(
            archive: handedOver, retryMilliseconds: 1, answer: { log.answer($0, $1) },
            stalled: { error in
                log.stalled(error)
                // On the store's thread, and only once all commits are waiting: now there is room again.
                guard error != nil else { return }
                asked.wait()
                try? reach.archive.database.execute("PRAGMA max_page_count = 100000")
            })
        for ticket in 0..<20 {
            #expect(store.commit([.node(Sample.completeNode(ticket, gpus: 60))], ticket: UInt64(ticket)))
        }
        asked.open()
        store.stop()
        #expect(log.stallsTold == [.full, nil])
        #expect(log.answers == (0..<20).map { Log.Told(ticket: $0, kind: nil) })
        let again = try scratch.archive()
        #expect(try again.load().nodes.count == 20)
        again.close()
    }

    @Test func stoppingWithAFullDiskAnswersWhatWaits() throws {
        let log = Log()
        let archive = try scratch.archive()
        try limitPages(archive, more: 2)
        let store = try start(archive, log)
        for ticket in 0..<20 {
            #expect(store.commit([.node(Sample.completeNode(ticket, gpus: 60))], ticket: UInt64(ticket)))
        }
        store.stop()
        let failed = log.answers.filter { $0.kind == .full }
        let kept = log.answers.count - failed.count
        #expect(log.answers.map(\.ticket) == (0..<20).map { $0 })
        #expect(failed.map(\.ticket) == (kept..<20).map { UInt64($0) }, "nothing overtakes what waits")
        #expect(!failed.isEmpty)
        #expect(log.stallsTold == [.full])
        let again = try scratch.archive()
        #expect(try again.load().nodes.count == kept)
        again.close()
    }

    @Test func anyOtherFailureIsFinal() throws {
        let log = Log()
        let gate = Gate()
        let store = try start(scratch.archive(), log, gate: gate)
        #expect(store.commit([.node(Sample.enrolledNode(1))], ticket: 0))
        while store.outstandingCount > 0 { sched_yield() }
        #expect(store.commit([.enrolment(Sample.enrolment(1, node: 77))], ticket: 1))
        gate.open()
        while store.outstandingCount > 0 { sched_yield() }
        #expect(store.commit([.node(Sample.enrolledNode(2))], ticket: 2))
        store.stop()
        #expect(
            log.answers == [
                Log.Told(ticket: 0, kind: nil), Log.Told(ticket: 1, kind: .failed), Log.Told(ticket: 2, kind: .failed),
            ])
        let again = try scratch.archive()
        #expect(try again.load().nodes.map(\.id) == [Sample.nodeID(1)])
        again.close()
    }

    /// The file may grow by so many pages only.
    private func limitPages(_ archive: Archive, more: Int64) throws {
        let pages = try archive.database.integer("PRAGMA page_count")
        try archive.database.execute("PRAGMA max_page_count = \(pages + more)")
    }
}
