import Testing

@testable import Hub

@Suite("Acknowledgement window")
struct AcknowledgementWindowTests {
    let second: UInt64 = 1_000_000_000

    @Test("Only the first waiting sample calls for attention")
    func pending() {
        var window = AcknowledgementWindow()
        #expect(window.note() == true)
        #expect(window.note() == false)
        #expect(window.isPending)
        _ = window.acknowledge(now: 5 * second, every: second)
        #expect(!window.isPending && window.endsAt == 6 * second)
        #expect(window.note() == true)
    }

    @Test("The rate is over the window, or over the pause before it where that is longer")
    func rate() {
        var window = AcknowledgementWindow()
        _ = window.acknowledge(now: 10 * second, every: second)
        for _ in 0..<50 { window.count() }
        #expect(window.acknowledge(now: 11 * second, every: second) == 50)
        for _ in 0..<50 { window.count() }
        #expect(window.acknowledge(now: 21 * second, every: second) == 5)
        for _ in 0..<50 { window.count() }
        #expect(window.acknowledge(now: 21 * second, every: second) == 50, "never over less than a window")
        #expect(window.acknowledge(now: 22 * second, every: second) == 0)
    }

    @Test("A period of 0 divides by nothing and makes every acknowledgement immediate")
    func noPeriod() {
        var window = AcknowledgementWindow()
        window.count()
        _ = window.acknowledge(now: 7, every: 0)
        #expect(window.endsAt == 7)
    }
}
