internal import Bytes
public import Grid

/// The results of runs that the coordinator has not settled yet, on the agent's disk.
///
/// Not `Sendable`; it lives on the agent's loop.
public final class ResultJournal {
    private let journal: Journal
    /// What was found wrong on the disk when it was opened, for the log.
    public private(set) var damage: [SpoolDamage]
    /// What is kept, by run.
    public private(set) var outcomes: [RunID: RunOutcome] = [:]

    /// The default bounds.
    public static let limits = JournalLimits(
        liveBytes: Limits.resultJournalBytes, recordBytes: 2 * Limits.taskOutputBytes, slackBytes: 1 << 20)

    /// Opens the journal in an existing folder, or makes it.
    public convenience init(directory: String, limits: JournalLimits = ResultJournal.limits) throws(SpoolError) {
        try self.init(directory: directory, limits: limits, disk: .real)
    }

    init(directory: String, limits: JournalLimits, disk: SpoolDisk) throws(SpoolError) {
        let journal = try Journal(directory: directory, name: "results", limits: limits, disk: disk)
        damage = journal.damage
        var unreadable: [[UInt8]] = []
        for key in journal.keys {
            guard let run = RunID(recordKey: key), let value = journal[key], let outcome = RunOutcome(record: value)
            else {
                unreadable.append(key)
                continue
            }
            outcomes[run] = outcome
        }
        for key in unreadable {
            let size = key.count + (journal[key]?.count ?? 0)
            damage.append(SpoolDamage(kind: .record, path: "\(directory)/results", offset: 0, lostBytes: size))
            try journal.settle(key)
        }
        self.journal = journal
    }

    /// The runs whose results are kept, ascending.
    public var runs: [RunID] { outcomes.keys.sorted() }

    /// Keeps a result; it is on disk when this returns.
    ///
    /// - Throws: it is not kept; try again.
    public func keep(_ outcome: RunOutcome, of run: RunID) throws(SpoolError) {
        try journal.keep(outcome.record, under: run.recordKey)
        outcomes[run] = outcome
    }

    /// The coordinator has dealt with it.
    ///
    /// - Throws: it is forgotten all the same, but may be sent once more after the next start.
    public func settle(_ run: RunID) throws(SpoolError) {
        outcomes[run] = nil
        try journal.settle(run.recordKey)
    }

    /// Gives the file back; nothing may be called afterwards.
    public func close() { journal.close() }
}
