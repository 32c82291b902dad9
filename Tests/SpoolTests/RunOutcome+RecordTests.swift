import Grid
import Testing

@testable import Spool

@Suite struct RunOutcomeRecordTests {
    @Test func outcomesAreReadAsTheyWereWritten() {
        for number: UInt64 in 0..<60 {
            let outcome = ResultJournalTests.outcome(number)
            #expect(RunOutcome(record: outcome.record) == outcome)
            let run = ResultJournalTests.run(number, epoch: number << 40)
            #expect(RunID(recordKey: run.recordKey) == run)
        }
        for fault in TaskFault.allCases {
            var outcome = RunOutcome()
            outcome.fault = fault
            #expect(RunOutcome(record: outcome.record)?.fault == fault)
        }
    }

    @Test func nothingElseIsAnOutcome() {
        let record = ResultJournalTests.outcome(3).record
        for length in 0..<record.count { #expect(RunOutcome(record: Array(record[..<length])) == nil) }
        #expect(RunOutcome(record: record + [0]) == nil)
        #expect(RunOutcome(record: [2] + record.dropFirst()) == nil)
        #expect(RunID(recordKey: [1, 2, 3]) == nil)
    }
}
