import Grid
import Testing

@testable import Store

@Suite struct ArchiveIdentitiesTests {
    let scratch = ScratchDirectory()

    @Test func aUserIsReplacedByItsIdentifier() throws {
        let archive = try scratch.archive()
        let first = UserRecord(id: UserID("ana"), createdAt: Sample.time(1))
        let second = UserRecord(id: UserID("ana"), createdAt: Sample.time(2))
        try archive.append([.user(first), .user(UserRecord(id: UserID("bo"), createdAt: Sample.time(1)))])
        try archive.append([.user(second)])
        #expect(
            try archive.load().users == [second, UserRecord(id: UserID("bo"), createdAt: Sample.time(1))])
        archive.close()
    }

    @Test func anEnrolmentIsReplacedByItsDigest() throws {
        let archive = try scratch.archive()
        let fresh = Sample.enrolment(1, node: 1)
        try archive.append([.node(Sample.enrolledNode(1)), .enrolment(fresh)])
        #expect(try archive.load().enrolments == [fresh])
        let used = Sample.enrolment(1, node: 1, usedAt: Sample.time(9))
        try archive.append([.enrolment(used)])
        #expect(try archive.load().enrolments == [used])
        archive.close()
    }

    @Test(arguments: [
        "UPDATE user SET created_at = created_at + 1", "UPDATE enrolment SET used_at = 1",
        "UPDATE enrolment SET expires_at = expires_at + 1", "UPDATE coordinator SET id = replace(id, '1', '2')",
        "UPDATE coordinator SET id = 'nonsense'", "UPDATE user SET id = 'eve' WHERE id = 'ana'",
        "UPDATE enrolment SET token_digest = zeroblob(32)", "DELETE FROM coordinator",
    ])
    func aRecordThatWasTamperedWithIsNotServed(_ tampering: String) throws {
        let archive = try scratch.archive()
        try archive.append([
            .node(Sample.enrolledNode(1)), .enrolment(Sample.enrolment(1, node: 1)),
            .user(UserRecord(id: UserID("ana"), createdAt: Sample.time(1))),
        ])
        try archive.database.execute("PRAGMA foreign_keys = OFF")
        try archive.database.execute(tampering)
        do throws(StoreError) {
            _ = try archive.load()
            Issue.record("served: \(tampering)")
        } catch {
            #expect(error.kind == .corrupt)
            #expect(error.message.contains("neurogrid.db") && error.message.contains("restore a backup"))
        }
        archive.close()
    }
}
