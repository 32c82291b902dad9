import Access
import Grid
import Testing

@testable import neurogrid_coordinator

@Suite struct APIKeyTableTests {
    private let second: UInt64 = 1_000_000_000
    private let now = Timestamp(milliseconds: 5000)

    private func record(_ key: APIKey, _ number: UInt64, rate: Int = 600) -> APIKeyRecord {
        APIKeyRecord(
            id: APIKeyID(UUID128(high: 5, low: number)), digest: key.digest, owner: UserID("u\(number)"),
            ratePerMinute: rate, createdAt: Timestamp(milliseconds: 0))
    }

    private func revoked(_ record: APIKeyRecord) -> APIKeyRecord {
        var record = record
        record.revokedAt = Timestamp(milliseconds: 1)
        return record
    }

    @Test func whatIsStoredAndWhatComesLaterCounts() throws {
        let keys = (0..<4).map { _ in APIKey.mint() }
        let table = APIKeyTable([record(keys[0], 0), revoked(record(keys[1], 1))])
        #expect(table.find(keys[0], at: now)?.owner == UserID("u0"))
        #expect(table.find(keys[1], at: now) == nil && table.find(keys[2], at: now) == nil)
        table.set(record(keys[2], 2, rate: 7))
        let bearer = try #require(table.find(keys[2], at: now))
        #expect(bearer.owner == UserID("u2") && bearer.ratePerMinute == 7 && bearer.id == record(keys[2], 2).id)
        table.set(revoked(record(keys[2], 2)))
        #expect(table.find(keys[2], at: now) == nil && table.find(keys[0], at: now) != nil)
        #expect(table.count(bearer.id, now: second) == .revoked)
        #expect(!table.notesUse(of: bearer.id, now: second))
        // Told once more, or of a key that nobody knows.
        table.set(revoked(record(keys[2], 2)))
        table.set(revoked(record(keys[3], 3)))
        #expect(table.find(keys[3], at: now) == nil)
    }

    /// To the millisecond, and by the wall clock: one that was set back finds the key good again.
    @Test func aKeyIsFoundUntilItsTermIsOver() throws {
        let key = APIKey.mint()
        var record = record(key, 1)
        record.expiresAt = now
        let table = APIKeyTable([record])
        let before = now.adding(milliseconds: -1)
        let bearer = try #require(table.find(key, at: before))
        #expect(bearer.expiresAt == now && !bearer.isExpired(at: before))
        #expect(table.find(key, at: now) == nil && bearer.isExpired(at: now))
        #expect(table.find(key, at: before) != nil)
        // A use that is noted changes nothing about the term.
        record.lastUsedAt = before
        table.set(record)
        #expect(table.find(key, at: now) == nil)
        table.set(revoked(record))
        #expect(table.find(key, at: before) == nil, "what was taken back has no term to wait for")
        let endless = APIKeyTable([self.record(key, 1)])
        #expect(endless.find(key, at: Timestamp(milliseconds: .max)) != nil)
    }

    @Test(arguments: [1, 10, 600])
    func theKeysRateIsItsOwn(rate: Int) {
        let (one, other) = (APIKey.mint(), APIKey.mint())
        let table = APIKeyTable([record(one, 1, rate: rate), record(other, 2, rate: rate)])
        let id = record(one, 1).id
        for _ in 0..<rate { #expect(table.count(id, now: second) == .allowed) }
        guard case .tooFrequent(let wait) = table.count(id, now: second) else {
            Issue.record("one more than \(rate) was allowed")
            return
        }
        #expect(table.count(record(other, 2).id, now: second) == .allowed)
        // A use that is noted meanwhile changes nothing about what was counted.
        var noted = record(one, 1, rate: rate)
        noted.lastUsedAt = Timestamp(milliseconds: 9)
        table.set(noted)
        #expect(table.count(id, now: second) == .tooFrequent(waitNanoseconds: wait))
        #expect(table.count(id, now: second + wait) == .allowed)
    }

    @Test func withoutARateEverythingIsAllowed() {
        let key = APIKey.mint()
        let table = APIKeyTable([record(key, 1, rate: 0)])
        for _ in 0..<10_000 { #expect(table.count(record(key, 1).id, now: second) == .allowed) }
    }

    @Test func aUseIsToldOnceAMinute() {
        let key = APIKey.mint()
        let table = APIKeyTable([record(key, 1)])
        let told = (0...180).filter { table.notesUse(of: record(key, 1).id, now: second + UInt64($0) * second) }
        #expect(told == [0, 60, 120, 180])
    }

    /// All loops ask one table: together they let through what the rate allows, and a use is told by one of them.
    @Test func manyThreadsShareOneRate() async {
        let key = APIKey.mint()
        let table = APIKeyTable([record(key, 1, rate: 500)])
        let (id, turn, wall) = (record(key, 1).id, second, now)
        let counts = await withTaskGroup(of: (Int, Int).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var (allowed, told) = (0, 0)
                    for _ in 0..<200 {
                        if table.find(key, at: wall) != nil, table.count(id, now: turn) == .allowed { allowed += 1 }
                        if table.notesUse(of: id, now: turn) { told += 1 }
                    }
                    return (allowed, told)
                }
            }
            return await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
        }
        #expect(counts.0 == 500 && counts.1 == 1)
    }
}
