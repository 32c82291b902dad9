import Grid
import Testing

@testable import Store

@Suite struct ArchiveAPIKeysTests {
    let scratch = ScratchDirectory()

    private func byID(_ keys: [APIKeyRecord]) -> [APIKeyRecord] { keys.sorted { $0.id < $1.id } }

    @Test func keysComeBackAsTheyWereAndAreReplaced() throws {
        let archive = try scratch.archive()
        #expect(try archive.load().apiKeys.isEmpty)
        var keys = (0..<5).map { Sample.apiKey($0) }
        try archive.append(keys.map { .apiKey($0) })
        #expect(try archive.load().apiKeys == byID(keys))
        keys[1] = Sample.apiKey(1, used: 50)
        keys[2] = Sample.apiKey(2, used: 51, revoked: true)
        try archive.append([.apiKey(keys[1]), .apiKey(keys[2]), .apiKey(keys[2])])
        archive.close()
        let again = try scratch.archive()
        #expect(try again.load().apiKeys == byID(keys))
        #expect(try Tallies(database: again.database).count(.apiKeys) == 5)
        again.close()
    }

    @Test func whatIsForgottenMakesRoomForAnotherOfItsDigest() throws {
        let archive = try scratch.archive()
        let old = Sample.apiKey(1, revoked: true)
        var next = old
        next.id = Sample.apiKey(7).id
        try archive.append([.apiKey(old)])
        try archive.append([.apiKeyForgotten(old.id), .apiKey(next), .apiKeyForgotten(old.id)])
        #expect(try archive.load().apiKeys == [next])
        archive.close()
    }

    @Test func twoKeysOfOneDigestAreOurFault() throws {
        let archive = try scratch.archive()
        var twin = Sample.apiKey(1)
        twin.id = Sample.apiKey(7).id
        try archive.append([.apiKey(Sample.apiKey(1))])
        #expect(throws: StoreError.self) { try archive.append([.apiKey(twin)]) }
        #expect(try archive.load().apiKeys == [Sample.apiKey(1)])
        archive.close()
    }

    @Test func aTermThatDecayGaveAKeyIsFound() throws {
        let archive = try scratch.archive()
        try archive.append([.apiKey(Sample.apiKey(1))])
        try archive.database.execute("UPDATE api_key SET expires_at = 1")
        #expect(throws: StoreError.self) { try archive.load() }
        archive.close()
    }

    /// Nobody gets in, or more through, by what the disk made of a record.
    @Test(arguments: [
        "UPDATE api_key SET revoked_at = NULL", "UPDATE api_key SET digest = zeroblob(32)",
        "UPDATE api_key SET owner = 'eve'", "UPDATE api_key SET rate_per_minute = 0",
        "UPDATE api_key SET name = 'x'", "UPDATE api_key SET last_used_at = 1", "UPDATE api_key SET created_at = 1",
        "UPDATE api_key SET expires_at = NULL", "UPDATE api_key SET expires_at = expires_at + 1",
        "UPDATE api_key SET id = replace(id, '0', '1')", "DELETE FROM api_key",
        "UPDATE tally SET count = 0 WHERE name = 'api_key'",
    ])
    func aKeyThatWasTamperedWithIsNotServed(tampering: String) throws {
        let archive = try scratch.archive()
        try archive.append([.apiKey(Sample.apiKey(3, revoked: true))])
        try archive.database.execute(tampering)
        do throws(StoreError) {
            _ = try archive.load()
            Issue.record("served: \(tampering)")
        } catch {
            #expect(error.kind == .corrupt)
        }
        archive.close()
    }
}
