import Testing

@testable import Hub

@Suite("Clock offset")
struct ClockOffsetTests {
    /// Feeds lags one a second; the verdicts.
    func late(_ lags: [Int64], everyNanoseconds: UInt64 = 1_000_000_000) -> [Bool] {
        var clock = ClockOffset()
        return lags.enumerated().map { index, lag in
            clock.isLate(lag: lag, threshold: 10_000, now: UInt64(index) * everyNanoseconds)
        }
    }

    @Test("A backlog is late while it drains, however fast, and what follows it is not")
    func backlog() {
        let draining = stride(from: Int64(60_000), to: 10_000, by: -500).map { $0 }
        #expect(late(draining, everyNanoseconds: 20_000_000).allSatisfy { $0 })
        #expect(late(draining + [10, 20, 15]).suffix(3) == [false, false, false])
    }

    @Test("A clock that is minutes behind is believed after 10 s of the same lag")
    func behind() {
        let verdicts = late(Array(repeating: 300_000, count: 30))
        #expect(verdicts.prefix(10).allSatisfy { $0 })
        #expect(verdicts.suffix(19).allSatisfy { !$0 })
    }

    @Test("A clock that is minutes ahead makes nothing late, and its own backlog is still found")
    func ahead() {
        #expect(late([-300_000, -300_010, -299_990]) == [false, false, false])
        #expect(late([-300_000, -280_000]) == [false, true])
    }

    @Test("A clock that was wrong and is set right is believed at once")
    func corrected() {
        let verdicts = late(Array(repeating: 300_000, count: 30) + [0, 5])
        #expect(verdicts.suffix(2) == [false, false])
    }

    @Test("The bound itself is not late; extreme lags trap nothing")
    func bounds() {
        #expect(late([10_000]) == [false])
        #expect(late([10_001]) == [true])
        _ = late([.min, .max, .min, 0, .max])
    }
}
