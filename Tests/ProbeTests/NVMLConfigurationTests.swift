import Testing

@testable import Probe

@Suite struct NVMLConfigurationTests {
    private let second: UInt64 = 1_000_000_000

    @Test func aHangIsToldWithinThreeSecondsAndNamedAfterTen() {
        let defaults = NVMLConfiguration()
        let untilSample = defaults.intervalNanoseconds + MachineSampler.settleNanoseconds
        #expect(defaults.staleAfterNanoseconds + untilSample < 3 * second)
        #expect(defaults.hungAfterNanoseconds == 10 * second)
    }

    @Test func theOthersAreReadAgainBeforeTheirReadingsAreTooOld() {
        let defaults = NVMLConfiguration()
        let believed = defaults.intervalNanoseconds + defaults.graceNanoseconds
        // Worst: read a whole interval before the round in which another GPU hangs.
        #expect(defaults.callDeadlineNanoseconds < believed)
    }

    @Test func deadlinesRise() {
        let defaults = NVMLConfiguration()
        #expect(defaults.staleAfterNanoseconds < defaults.callDeadlineNanoseconds)
        #expect(defaults.callDeadlineNanoseconds < defaults.stallNanoseconds)
        #expect(defaults.stallNanoseconds < defaults.startDeadlineNanoseconds)
        #expect(defaults.retryBaseNanoseconds < defaults.retryCapNanoseconds)
    }

    @Test func theChildIsTheAgentItself() {
        let defaults = NVMLConfiguration()
        #expect(defaults.executable == "/proc/self/exe")
        #expect(defaults.arguments.last == NVMLChild.subcommand)
        #expect(defaults.environment == nil)
    }
}
