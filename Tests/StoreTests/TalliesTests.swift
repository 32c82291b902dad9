import Testing

@testable import Store

@Suite struct TalliesTests {
    private let scratch = ScratchDirectory()

    @Test func everyTallyBeginsAtZeroAndIsKept() throws {
        let archive = try scratch.archive()
        let tallies = Tallies(database: archive.database)
        for kind in Tallies.Kind.allCases { #expect(try tallies.count(kind) == 0) }
        #expect(try archive.database.integer("SELECT count(*) FROM tally") == Int64(Tallies.Kind.allCases.count))
        try tallies.add(3, to: .jobs)
        try tallies.add(-1, to: .jobs)
        try tallies.set(.lastTask, to: .max)
        archive.close()
        let again = try scratch.archive()
        #expect(try Tallies(database: again.database).count(.jobs) == 2)
        #expect(try Tallies(database: again.database).count(.lastTask) == .max)
        #expect(try Tallies(database: again.database).count(.tasks) == 0)
        again.close()
    }

    @Test func anotherNumberThanWasCountedIsDamage() throws {
        let archive = try scratch.archive()
        let tallies = Tallies(database: archive.database)
        try tallies.add(2, to: .tasks)
        try tallies.verify(.tasks, found: 2)
        let failure = storeError { () throws(StoreError) in try tallies.verify(.tasks, found: 1) }
        #expect(failure?.kind == .corrupt)
        #expect(failure?.message == "there are 1 records of the kind task instead of 2")
        archive.close()
    }

    @Test(arguments: ["UPDATE tally SET count = 1", "DELETE FROM tally", "UPDATE tally SET checksum = 0"])
    func aDamagedTallyIsNoticed(damage: String) throws {
        let archive = try scratch.archive()
        try archive.database.execute(damage)
        for kind in Tallies.Kind.allCases {
            let failure = storeError { () throws(StoreError) in
                _ = try Tallies(database: archive.database).count(kind)
            }
            #expect(failure?.kind == .corrupt)
        }
        archive.close()
    }
}
