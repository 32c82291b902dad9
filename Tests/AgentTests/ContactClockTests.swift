import Testing

@testable import neurogrid_agent

@Suite struct ContactClockTests {
    @Test func theProofCountsOnceItIsWelcomed() {
        var clock = ContactClock()
        #expect(clock.nanoseconds == 0)
        clock.proofSent(at: 100)
        #expect(clock.nanoseconds == 0)
        clock.welcomed(at: 250)
        #expect(clock.nanoseconds == 100)
    }

    @Test func aPingFromBeforeTheWelcomeIsNoSignOfLife() {
        var clock = ContactClock()
        clock.proofSent(at: 100)
        clock.answered(sentAt: 150)
        #expect(clock.nanoseconds == 0)
        clock.welcomed(at: 250)
        clock.answered(sentAt: 249)
        #expect(clock.nanoseconds == 100)
        clock.answered(sentAt: 250)
        #expect(clock.nanoseconds == 100, "of the same turn, in which it may have gone first")
        clock.answered(sentAt: 251)
        #expect(clock.nanoseconds == 251)
    }

    @Test func anOldAnswerTakesNothingBack() {
        var clock = ContactClock()
        clock.proofSent(at: 1)
        clock.welcomed(at: 2)
        clock.answered(sentAt: 900)
        clock.answered(sentAt: 300)
        #expect(clock.nanoseconds == 900)
    }

    @Test func theNextSessionBeginsWithItsOwnProof() {
        var clock = ContactClock()
        clock.proofSent(at: 1)
        clock.welcomed(at: 2)
        clock.answered(sentAt: 900)
        clock.ended()
        clock.answered(sentAt: 1000)
        #expect(clock.nanoseconds == 900)
        clock.proofSent(at: 2000)
        clock.answered(sentAt: 2100)
        #expect(clock.nanoseconds == 900)
        clock.welcomed(at: 2200)
        #expect(clock.nanoseconds == 2000)
    }
}
