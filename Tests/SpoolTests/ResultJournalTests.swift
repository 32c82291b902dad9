import Grid
import Testing

@testable import Spool

@Suite struct ResultJournalTests {
    static func run(_ number: UInt64, epoch: UInt64 = 1) -> RunID {
        RunID(task: TaskID(UUID128(high: 7, low: number)), epoch: epoch, member: Int(number % 3))
    }

    static func outcome(_ number: UInt64) -> RunOutcome {
        var outcome = RunOutcome()
        outcome.fault = number % 4 == 0 ? .timeout : nil
        outcome.exitStatus = number % 2 == 0 ? Int(number) : nil
        outcome.signal = number % 3 == 0 ? 9 : nil
        outcome.ranMilliseconds = Int64(number) * 1000
        outcome.output = "{\"value\":\"ö\(number)\"}"
        outcome.message = "message \(number)"
        outcome.digest = number % 5 == 0 ? nil : Digest256(bytes: (0..<32).map { UInt8(number) &+ $0 })
        return outcome
    }

    @Test func resultsSurviveUntilTheyAreSettled() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        var journal = try ResultJournal(directory: scratch.path)
        for number: UInt64 in 1...30 { try journal.keep(Self.outcome(number), of: Self.run(number)) }
        for number: UInt64 in 1...10 { try journal.settle(Self.run(number)) }
        journal.close()
        journal = try ResultJournal(directory: scratch.path)
        #expect(journal.damage.isEmpty)
        #expect(journal.runs == (11...30).map { Self.run($0) })
        for number: UInt64 in 11...30 { #expect(journal.outcomes[Self.run(number)] == Self.outcome(number)) }
        journal.close()
    }

    @Test func whatIsNotUnderstoodIsTold() throws {
        let scratch = Scratch()
        defer { scratch.remove() }
        let raw = try Journal(directory: scratch.path, name: "results", limits: ResultJournal.limits)
        try raw.keep([1, 2, 3], under: Self.run(1).recordKey)
        try raw.keep(Self.outcome(2).record, under: [4])
        try raw.keep(Self.outcome(3).record, under: Self.run(3).recordKey)
        raw.close()
        var journal = try ResultJournal(directory: scratch.path)
        #expect(journal.damage.map(\.kind) == [.record, .record])
        #expect(journal.runs == [Self.run(3)])
        journal.close()
        journal = try ResultJournal(directory: scratch.path)
        #expect(journal.damage.isEmpty && journal.runs == [Self.run(3)])
        journal.close()
    }
}
