import Grid
import Testing

@testable import Hub

@Suite("API keys")
struct APIKeysTests {
    private func record(_ number: UInt64, owner: String = "u", revokedAt: Int64? = nil) -> APIKeyRecord {
        var record = APIKeyRecord(
            id: .test(number), digest: .test(UInt8(number)), owner: UserID(owner),
            createdAt: Timestamp(milliseconds: 1000 - Int64(number)))
        record.revokedAt = revokedAt.map { Timestamp(milliseconds: $0) }
        return record
    }

    @Test("A key is found by its identifier and by its digest, and by nothing else")
    func find() {
        let keys = APIKeys([record(1), record(2)])
        #expect(keys.find(.id(.test(1))) == record(1) && keys.find(.digest(.test(UInt8(2)))) == record(2))
        #expect(keys.find(.id(.test(3))) == nil && keys.find(.digest(.test(UInt8(3)))) == nil)
    }

    @Test("Lists are in the order in which the keys were made, whatever the Store's was")
    func order() {
        let stored = [record(2, owner: "v"), record(1), record(3)]
        for turn in 0..<3 {
            let keys = APIKeys(Array(stored[turn...] + stored[..<turn]))
            #expect(keys.records(of: nil).map(\.id) == [.test(3), .test(2), .test(1)])
            #expect(keys.records(of: UserID("u")).map(\.id) == [.test(3), .test(1)])
            #expect(keys.records(of: UserID("w")).isEmpty)
        }
    }

    @Test("What is removed is found no more, and its digest is free again")
    func remove() {
        var keys = APIKeys([record(1, revokedAt: 7), record(2, revokedAt: 5), record(3)])
        let now = Timestamp(milliseconds: 0)
        #expect(keys.oldestEnded(by: now)?.id == .test(2), "taken back, whatever the clock shows")
        keys.remove(.test(2))
        #expect(keys.find(.digest(.test(UInt8(2)))) == nil && keys.count == 2)
        #expect(keys.oldestEnded(by: now)?.id == .test(1))
        keys.remove(.test(1))
        #expect(keys.oldestEnded(by: now) == nil)
        keys.insert(record(2))
        #expect(keys.count == 2)
    }

    @Test("A term that is over counts like a revocation of its moment, and one that is not like none")
    func terms() {
        var (early, late) = (record(2), record(3))
        early.expiresAt = Timestamp(milliseconds: 5)
        late.expiresAt = Timestamp(milliseconds: 9)
        let keys = APIKeys([record(1, revokedAt: 7), early, late, record(4)])
        let oldest = (4...9).map { keys.oldestEnded(by: Timestamp(milliseconds: $0))?.id }
        #expect(oldest == [.test(1)] + Array(repeating: .test(2), count: 5))
        #expect(APIKeys([late, record(4)]).oldestEnded(by: Timestamp(milliseconds: 8)) == nil)
        #expect(APIKeys([late, record(4)]).oldestEnded(by: Timestamp(milliseconds: 9)) == late)
        late.revokedAt = Timestamp(milliseconds: 6)
        #expect(late.end(by: Timestamp(milliseconds: 0)) == Timestamp(milliseconds: 6))
    }
}

extension APIKeyID {
    static func test(_ number: UInt64) -> APIKeyID { APIKeyID(UUID128(high: 5, low: number)) }
}
