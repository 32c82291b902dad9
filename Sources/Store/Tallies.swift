import Grid

/// How many records there are of a kind whose absence nothing else would show, counted as they are written: SQLite's
/// own check does not miss a record that is gone together with all that spoke of it.
struct Tallies {
    /// What is counted; the raw value is stored.
    enum Kind: String, CaseIterable {
        case jobs = "job"
        case tasks = "task"
        /// Not a count: the number of the last task that ever was, so that none has the number of a forgotten one.
        case lastTask = "last_task"
        case trusts = "trust"
        case balances = "balance"
        case apiKeys = "api_key"
        case alerts = "alert"
    }

    let database: SQLiteDatabase

    /// The tally within this transaction; not negative.
    func count(_ kind: Kind) throws(StoreError) -> Int64 {
        var found: Int64?
        try database.statement("SELECT count, checksum FROM tally WHERE name = ?")
            .forEachRow([.text(kind.rawValue)]) { (row) throws(StoreError) in
                let count = try row.integer(0)
                try row.verify(1, checksum(kind, count), of: "the tally \(kind.rawValue)")
                found = count
            }
        guard let found else { throw StoreError(.corrupt, "the tally \(kind.rawValue) is gone") }
        return found
    }

    /// Sets the tally.
    func set(_ kind: Kind, to count: Int64) throws(StoreError) {
        precondition(count >= 0, "a tally fell below zero")
        try database.statement("UPDATE tally SET count = ?, checksum = ? WHERE name = ?")
            .run([.integer(count), .integer(checksum(kind, count)), .text(kind.rawValue)])
    }

    /// Changes the tally by so many records that came, or went where it is negative.
    func add(_ change: Int64, to kind: Kind) throws(StoreError) {
        guard change != 0 else { return }
        try set(kind, to: try count(kind) + change)
    }

    /// Throws unless so many records of the kind were found.
    func verify(_ kind: Kind, found: Int) throws(StoreError) {
        let expected = try count(kind)
        guard expected == found else {
            throw StoreError(.corrupt, "there are \(found) records of the kind \(kind.rawValue) instead of \(expected)")
        }
    }

    private func checksum(_ kind: Kind, _ count: Int64) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, kind.rawValue)
        checksum.add(2, count)
        return checksum.value
    }
}
