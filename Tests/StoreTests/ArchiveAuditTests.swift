import Grid
import Testing

@testable import Store

@Suite struct ArchiveAuditTests {
    let scratch = ScratchDirectory()

    @Test func everyKindAndFieldComesBackNewestFirst() throws {
        let archive = try scratch.archive()
        let entries = AuditEntry.Kind.allCases.enumerated().map { index, kind in
            AuditEntry(
                at: Sample.time(Int64(index)), kind: kind, node: index % 2 == 0 ? nil : Sample.nodeID(index),
                user: index % 3 == 0 ? nil : UserID("u\(index)"), detail: "detail \(index)")
        }
        try archive.append(entries.map { .audit($0) })
        #expect(try archive.audit(newest: 100) == entries.reversed())
        #expect(try archive.audit(newest: 2) == Array(entries.reversed().prefix(2)))
        archive.close()
    }

    @Test func theOldestEntriesMakeRoom() throws {
        let archive = try scratch.archive(auditEntries: 10)
        for number in 0..<25 {
            try archive.append([.audit(AuditEntry(at: Sample.time(Int64(number)), kind: .agentRefused))])
        }
        let kept = try archive.audit(newest: 100)
        #expect(kept.map(\.at) == (15..<25).reversed().map { Sample.time($0) })
        archive.close()
    }

    @Test func kindsOfANewerVersionAreLeftOut() throws {
        let archive = try scratch.archive()
        try archive.append([.audit(AuditEntry(at: Sample.time(1), kind: .agentFenced))])
        var checksum = RecordChecksum()
        checksum.add(1, Int64(5))
        checksum.add(2, "from_the_future")
        checksum.add(5, "")
        try archive.database.execute(
            "INSERT INTO audit (at, kind, detail, checksum) VALUES (5, 'from_the_future', '', \(checksum.value))")
        #expect(try archive.audit(newest: 10).map(\.kind) == [.agentFenced])
        archive.close()
    }

    @Test func anEntryThatWasTamperedWithIsNotServed() throws {
        let archive = try scratch.archive()
        try archive.append([.audit(AuditEntry(at: Sample.time(1), kind: .agentFenced, detail: "a"))])
        try archive.database.execute("UPDATE audit SET detail = 'b'")
        #expect(throws: StoreError.self) { try archive.audit(newest: 1) }
        archive.close()
    }
}
