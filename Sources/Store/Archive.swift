public import Grid

/// What a coordinator must know again after a restart.
public struct ArchiveContents: Hashable, Sendable {
    /// Drawn once for this data directory; agents' proofs are bound to it.
    public var coordinatorID: UUID128
    /// By identifier.
    public var users: [UserRecord]
    /// By identifier.
    public var nodes: [NodeRecord]
    /// By digest, used and expired ones included.
    public var enrolments: [EnrolmentRecord]
    /// Of all durable rooms.
    public var logs: [StoredLog]
    /// Users first, then tokens.
    public var revocations: [Revocation]
    /// By identifier.
    public var jobs: [JobRecord]
    /// Ascending by number, ended ones that are kept included.
    public var tasks: [TaskRecord]
    /// The number of the last task that ever was; 0 without one.
    public var lastTaskNumber: UInt64
    /// Balances, and the transfers that a repeated request has to find.
    public var ledger: StoredLedger
    /// By node.
    public var trust: [NodeTrust]
    /// By identifier, those that were taken back among them.
    public var apiKeys: [APIKeyRecord]
    /// By identifier, those that are resolved among them.
    public var alerts: [Alert]
}

/// The coordinator's durable memory: one SQLite file in the data directory.
///
/// Used by one thread at a time: opened and loaded by the starting thread, then handed to a ``StoreThread``.
public final class Archive {
    /// The data directory, locked by this process as long as the archive is open.
    let directory: DataDirectory
    let database: SQLiteDatabase
    /// The newest entries of the audit log that are kept.
    private let auditEntries: Int64

    /// Log pages after which ``tidy()`` writes them back into the file: 4 MiB.
    private static let logPagesBeforeCheckpoint = 1000

    /// Opens the directory's database, creates what is missing and brings older ones up to date.
    ///
    /// The directory must be locked. `drawIdentity` is asked for the coordinator's identifier at the first opening.
    /// Throws ``StoreError/Kind/corrupt`` for a damaged file and ``StoreError/Kind/foreign`` for one of another
    /// program or a newer version.
    public convenience init(
        in directory: DataDirectory, now: Timestamp, drawIdentity: () -> UUID128
    ) throws(StoreError) {
        try self.init(
            in: directory, now: now, auditEntries: Limits.auditEntries, drawIdentity: drawIdentity)
    }

    init(
        in directory: DataDirectory, now: Timestamp, auditEntries: Int, drawIdentity: () -> UUID128
    ) throws(StoreError) {
        precondition(directory.isLocked, "an archive needs the data directory's lock")
        self.directory = directory
        self.auditEntries = Int64(auditEntries)
        try directory.createDatabaseFile()
        do throws(StoreError) {
            database = try SQLiteDatabase(path: directory.databasePath)
            try Migrations.admit(database)
            try database.useWriteAheadLog()
            try database.checkIntegrity()
            try Migrations.apply(to: database)
            // Fresh, or stopped before its first record. Where there are nodes, an absent identity is damage:
            // a new one would turn all their agents away.
            if try database.integer("SELECT (SELECT count(*) FROM coordinator) + (SELECT count(*) FROM node)") == 0 {
                try writeCoordinator(drawIdentity(), createdAt: now)
            }
            try beginRooms()
        } catch {
            throw Self.explained(error, directory.databasePath)
        }
    }

    /// Reads everything, checking every record against its checksum.
    public func load() throws(StoreError) -> ArchiveContents {
        do throws(StoreError) {
            return ArchiveContents(
                coordinatorID: try readCoordinator(), users: try readUsers(), nodes: try readNodes(),
                enrolments: try readEnrolments(), logs: try readLogs(), revocations: try readRevocations(),
                jobs: try readJobs(), tasks: try readTasks(), lastTaskNumber: try readLastTaskNumber(),
                ledger: try readLedger(), trust: try readTrust(), apiKeys: try readAPIKeys(), alerts: try readAlerts())
        } catch {
            throw Self.explained(error, directory.databasePath)
        }
    }

    /// Writes the changes in one transaction: all are on disk when this returns, none when it throws.
    public func append(_ changes: [StoreChange]) throws(StoreError) {
        try append(batches: CollectionOfOne(changes))
    }

    /// Writes several batches in one transaction.
    func append(batches: some Sequence<[StoreChange]>) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            for batch in batches {
                for change in batch { try write(change) }
            }
        }
    }

    /// Housekeeping between commits: writes a long log back into the file. A full disk is not an error here.
    func tidy() throws(StoreError) {
        guard database.logPages >= Self.logPagesBeforeCheckpoint else { return }
        do throws(StoreError) {
            try database.checkpoint()
        } catch  where error.kind == .full {
            // The log simply goes on; the next commit meets the full disk if there is still no room.
        }
    }

    /// Writes the log back, closes the file and unlocks the directory.
    public func close() {
        database.close()
        directory.unlock()
    }

    private func write(_ change: StoreChange) throws(StoreError) {
        switch change {
        case .node(let node):
            try write(node)
        case .enrolment(let enrolment):
            try write(enrolment)
        case .user(let user):
            try write(user)
        case .revocation(let revocation):
            try write(revocation)
        case .audit(let entry):
            try write(entry, keeping: auditEntries)
        case .event(let event):
            try write(event)
        case .eventsTrimmed(let room, let offset):
            try trimEvents(of: room, through: offset)
        case .epochBegan(let room, let epoch):
            try beginEpoch(epoch, of: room)
        case .toldEarly(let room, let isToldEarly):
            try note(room, isToldEarly: isToldEarly)
        case .task(let task):
            try write(task)
        case .taskForgotten(let task):
            try forgetTask(task)
        case .job(let job):
            try write(job)
        case .transfer(let transfer):
            try write(transfer)
        case .trust(let trust):
            try write(trust)
        case .apiKey(let key):
            try write(key)
        case .apiKeyForgotten(let key):
            try forgetAPIKey(key)
        case .alert(let alert):
            try write(alert)
        case .alertForgotten(let alert):
            try forgetAlert(alert)
        }
    }

    /// Names the file, and what to do about it, in an error that would otherwise speak of pages and columns only.
    static func explained(_ error: StoreError, _ path: String) -> StoreError {
        guard error.kind == .corrupt, !error.message.hasPrefix(path) else { return error }
        var explained = error
        explained.message = "\(path): the database is corrupt; restore a backup (\(error.message))"
        return explained
    }
}
