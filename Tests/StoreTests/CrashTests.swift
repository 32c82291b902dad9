import Glibc
import Grid
import Reactor
import Testing

@testable import Store

/// What an acknowledged change survives.
@Suite struct CrashTests {
    let scratch = ScratchDirectory()

    /// A child process commits as fast as it can, notes every acknowledged ticket in a file, and is killed by a
    /// second thread at a moment of no one's choosing.
    @Test(arguments: [1, 7, 40, 133, 300] as [UInt64])
    func killedAtAnyMomentNothingAcknowledgedIsLost(_ acknowledgedBeforeDeath: UInt64) async throws {
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, count = acknowledgedBeforeDeath as UInt64] in
            try writeUntilKilled(in: path, after: count)
        }
        let acknowledged = scratch.read("acknowledged").count
        #expect(acknowledged >= Int(acknowledgedBeforeDeath))
        #expect(scratch.names.contains("neurogrid.db-wal"), "an unclean stop")

        let archive = try scratch.archive()
        let contents = try archive.load()
        let kept = Dictionary(uniqueKeysWithValues: contents.nodes.map { ($0.id, $0) })
        for ticket in 0..<acknowledged {
            #expect(kept[Sample.nodeID(ticket)] == Sample.completeNode(ticket, gpus: 2), "ticket \(ticket) is lost")
        }
        // Of what was not acknowledged, each commit is there whole or not at all.
        #expect(contents.enrolments.count == contents.nodes.count)
        #expect(contents.tasks.count == contents.nodes.count && contents.jobs.count == contents.nodes.count)
        #expect(contents.lastTaskNumber == UInt64(contents.nodes.count))
        #expect(contents.ledger.lastNumber == UInt64(contents.nodes.count))
        #expect(try archive.verifyLedger().transfers == contents.ledger.lastNumber)
        // And nothing overtook: the kept ones are the first ones.
        #expect(Set(kept.keys) == Set((0..<contents.nodes.count).map { Sample.nodeID($0) }))
        archive.close()
    }

    /// The files as they are on disk at the moment of an acknowledgement, without anything the process did later.
    @Test func theFilesAloneHoldWhatWasAcknowledged() throws {
        let archive = try scratch.archive()
        for number in 0..<10 {
            try archive.append([.node(Sample.completeNode(number)), .enrolment(Sample.enrolment(number, node: number))])
            let copy = ScratchDirectory()
            for name in ["neurogrid.db", "neurogrid.db-wal"] { copy.write(name, scratch.read(name)) }
            let restored = try copy.archive()
            let contents = try restored.load()
            #expect(contents.nodes.count == number + 1)
            #expect(contents.enrolments.count == number + 1)
            #expect(contents.nodes.contains(Sample.completeNode(number)))
            restored.close()
        }
        archive.close()
    }

    /// A log that was torn in the middle of a write: the commit it cuts is gone, those before it are whole.
    @Test func aTornLogLosesOnlyWhatItCuts() throws {
        let archive = try scratch.archive()
        var ends: [Int] = []
        for number in 0..<5 {
            try archive.append([.node(Sample.completeNode(number)), .enrolment(Sample.enrolment(number, node: number))])
            ends.append(scratch.read("neurogrid.db-wal").count)
        }
        let log = scratch.read("neurogrid.db-wal")
        let file = scratch.read("neurogrid.db")
        archive.close()
        for cut in stride(from: ends[0], through: log.count, by: 1111) {
            let torn = ScratchDirectory()
            torn.write("neurogrid.db", file)
            torn.write("neurogrid.db-wal", Array(log[..<cut]))
            let restored = try torn.archive()
            let contents = try restored.load()
            #expect(contents.nodes.count == ends.count { $0 <= cut }, "cut at \(cut)")
            #expect(contents.enrolments.count == contents.nodes.count)
            restored.close()
        }
    }
}

/// The child's life.
private func writeUntilKilled(in path: String, after count: UInt64) throws {
    let directory = try DataDirectory(path: path)
    try directory.lock()
    let archive = try Archive(in: directory, now: Sample.time(0)) { Sample.identity }
    let note = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    precondition(note >= 0)
    let enough = Gate()
    let store = try StoreThread.start(archive: archive, capacity: 64) { ticket, result in
        guard case .success = result else { _exit(3) }
        guard write(note, "+", 1) == 1 else { _exit(4) }
        if ticket + 1 == count { enough.open() }
    }
    _ = LoopThread.start(name: "killer") {
        enough.wait()
        kill(getpid(), SIGKILL)
    }
    var ticket: UInt64 = 0
    while true {
        let number = Int(ticket)
        let changes: [StoreChange] = [
            .node(Sample.completeNode(number, gpus: 2)), .enrolment(Sample.enrolment(number, node: number)),
            .job(Sample.job("job \(number)")), .task(Sample.task(number + 1, job: "job \(number)")),
            .transfer(Sample.deposit(ticket + 1)),
        ]
        while !store.commit(changes, ticket: ticket) { sched_yield() }
        ticket += 1
    }
}
