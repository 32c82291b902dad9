import Grid
import Testing

@testable import Hub

@Suite("Enrolments")
struct EnrolmentsTests {
    func record(_ token: UInt8, expires: Int64 = 100, used: Int64? = nil) -> EnrolmentRecord {
        var record = EnrolmentRecord(
            tokenDigest: .test(token), node: .test(UInt64(token)), expiresAt: Timestamp(milliseconds: expires))
        record.usedAt = used.map { Timestamp(milliseconds: $0) }
        return record
    }

    @Test("A token is valid until it is used or expires; used outweighs expired")
    func standing() {
        var enrolments = Enrolments([record(1), record(2, used: 5)])
        let now = Timestamp(milliseconds: 99)
        #expect(enrolments.standing(of: .test(1), at: now) == .valid(.test(1)))
        #expect(enrolments.standing(of: .test(1), at: Timestamp(milliseconds: 100)) == .expired(.test(1)))
        #expect(enrolments.standing(of: .test(2), at: now) == .used(.test(2)))
        #expect(enrolments.standing(of: .test(2), at: Timestamp(milliseconds: 200)) == .used(.test(2)))
        #expect(enrolments.standing(of: .test(3), at: now) == .unknown)
        #expect(enrolments.use(.test(1), at: now).usedAt == now)
        #expect(enrolments.standing(of: .test(1), at: now) == .used(.test(1)))
        enrolments.insert(record(3))
        #expect(enrolments.contains(.test(3)) && !enrolments.contains(.test(4)))
    }

    @Test("Using a token twice is our own fault and traps")
    func twice() async {
        await #expect(processExitsWith: .failure) {
            let record = EnrolmentRecord(
                tokenDigest: Digest256(bytes: [UInt8](repeating: 1, count: 32)),
                node: NodeID(UUID128(high: 0, low: 1)), expiresAt: Timestamp(milliseconds: 9))
            var enrolments = Enrolments([record])
            _ = enrolments.use(record.tokenDigest, at: Timestamp(milliseconds: 1))
            _ = enrolments.use(record.tokenDigest, at: Timestamp(milliseconds: 2))
        }
    }
}
