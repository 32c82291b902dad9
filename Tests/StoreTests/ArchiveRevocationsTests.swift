import Grid
import Testing

@testable import Store

@Suite struct ArchiveRevocationsTests {
    let scratch = ScratchDirectory()

    @Test func theNewestWordOnASubjectComesBack() throws {
        let archive = try scratch.archive()
        let user = Revocation.Subject.user(UserID("u"))
        try archive.append([
            .revocation(Revocation(user, at: Sample.time(2))), .revocation(Revocation(.token("t"), at: Sample.time(1))),
        ])
        // Another subject of the same text, a newer word, and one that comes too late.
        try archive.append([
            .revocation(Revocation(.token("u"), at: Sample.time(3))), .revocation(Revocation(user, at: Sample.time(5))),
            .revocation(Revocation(user, at: Sample.time(4))),
        ])
        let expected = [
            Revocation(.token("t"), at: Sample.time(1)), Revocation(.token("u"), at: Sample.time(3)),
            Revocation(user, at: Sample.time(5)),
        ]
        #expect(Set(try archive.load().revocations) == Set(expected))
        #expect(try archive.load().revocations.count == 3)
        archive.close()
    }

    @Test func aRevocationThatWasTamperedWithIsNotServed() throws {
        let archive = try scratch.archive()
        try archive.append([.revocation(Revocation(.token("t"), at: Sample.time(1)))])
        try archive.database.execute("UPDATE revocation SET subject = 'x'")
        #expect(throws: StoreError.self) { try archive.load() }
        archive.close()
    }
}
