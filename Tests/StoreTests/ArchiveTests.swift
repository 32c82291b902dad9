import Grid
import Testing

@testable import Store

@Suite struct ArchiveTests {
    let scratch = ScratchDirectory()

    private func error(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch { return error }
    }

    @Test func theIdentityIsDrawnOnce() throws {
        for _ in 0..<3 {
            var draws = 0
            let fresh = !scratch.names.contains("neurogrid.db")
            let archive = try Archive(in: scratch.lockedDirectory(), now: Sample.time(0)) {
                draws += 1
                return Sample.identity
            }
            #expect(draws == (fresh ? 1 : 0))
            #expect(try archive.load().coordinatorID == Sample.identity)
            archive.close()
        }
    }

    @Test func aFreshArchiveIsEmpty() throws {
        let contents = try scratch.archive().load()
        #expect(contents.users.isEmpty && contents.nodes.isEmpty && contents.enrolments.isEmpty)
    }

    @Test func everythingIsThereAfterReopening() throws {
        let archive = try scratch.archive()
        let nodes = (0..<20).map { Sample.completeNode($0, gpus: $0 % 9) }
        let enrolments = (0..<20).map { Sample.enrolment($0, node: $0, usedAt: $0 % 2 == 0 ? nil : Sample.time(3)) }
        let user = UserRecord(id: UserID("token subject"), createdAt: Sample.time(4))
        let entry = AuditEntry(
            at: Sample.time(5), kind: .enrolmentUsed, node: Sample.nodeID(1), user: user.id, detail: "ok")
        try archive.append(nodes.map { .node($0) })
        try archive.append(enrolments.map { .enrolment($0) } + [.user(user), .audit(entry)])
        archive.close()

        let again = try scratch.archive()
        let contents = try again.load()
        #expect(contents.nodes == nodes.sorted { $0.id < $1.id })
        #expect(Set(contents.enrolments) == Set(enrolments))
        #expect(contents.users.map(\.id.text) == ["owner-0", "owner-1", "owner-2", "token subject"])
        #expect(try again.audit(newest: 10) == [entry])
        again.close()
    }

    @Test func aBatchIsWholeOrNothing() throws {
        let archive = try scratch.archive()
        let failure = error { () throws(StoreError) in
            try archive.append([.node(Sample.enrolledNode(1)), .enrolment(Sample.enrolment(1, node: 2))])
        }
        #expect(failure?.kind == .failed)
        #expect(failure?.message.contains("FOREIGN KEY") == true)
        #expect(try archive.load().nodes.isEmpty)
        try archive.append([.node(Sample.enrolledNode(1))])
        #expect(try archive.load().nodes.count == 1)
        archive.close()
    }

    @Test func theOrderWithinABatchIsFree() throws {
        let archive = try scratch.archive()
        try archive.append([.enrolment(Sample.enrolment(1, node: 1)), .node(Sample.enrolledNode(1))])
        #expect(try archive.load().enrolments.count == 1)
        archive.close()
    }

    @Test func closingUnlocks() throws {
        let directory = try scratch.lockedDirectory()
        let archive = try Archive(in: directory, now: Sample.time(0)) { Sample.identity }
        #expect(directory.isLocked)
        archive.close()
        #expect(!directory.isLocked)
        #expect(scratch.names == ["lock", "neurogrid.db"])
    }

    @Test func aLongLogIsWrittenBack() throws {
        let archive = try scratch.archive()
        var number = 0
        while archive.database.logPages < 1000 {
            try archive.append((0..<50).map { .node(Sample.completeNode(number + $0)) })
            number += 50
        }
        try archive.tidy()
        try archive.append([.node(Sample.completeNode(0))])
        #expect(archive.database.logPages < 100)
        archive.close()
    }

    @Test func aNodeWithoutItsCoordinatorIsDamageNotAFreshStart() throws {
        let archive = try scratch.archive()
        try archive.append([.node(Sample.enrolledNode(1))])
        try archive.database.execute("DELETE FROM coordinator")
        archive.close()
        let again = try scratch.archive()
        #expect(error { () throws(StoreError) in _ = try again.load() }?.kind == .corrupt)
        again.close()
    }
}
