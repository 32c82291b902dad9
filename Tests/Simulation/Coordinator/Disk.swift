internal import Grid

/// The coordinator's disk: commits in order, those that wait while one is written become one (group commit).
///
/// What a crash interrupts is lost, but for what had reached the disk already: some of the transactions that were being
/// written, each of them whole. A torn tail is the last transaction lost whole.
struct Disk {
    struct Transaction {
        var ticket: UInt64
        var changes: [StoreChange]
    }

    /// What is on disk.
    var book = Book()
    private(set) var waiting: [Transaction] = []
    /// How many of them, from the first, are being written.
    private(set) var writing = 0
    /// Commits wait for room.
    var isFull = false
    /// By how much a commit takes longer than usual.
    var slowness: UInt64 = 1

    mutating func add(_ transaction: Transaction) { waiting.append(transaction) }

    /// Begins to write all that waits; whether there is anything to do.
    mutating func begin() -> Bool {
        guard writing == 0, !waiting.isEmpty, !isFull else { return false }
        writing = waiting.count
        return true
    }

    /// What was being written is on disk: the newest ticket and the changes.
    mutating func finish() -> [Transaction] {
        let done = Array(waiting.prefix(writing))
        waiting.removeFirst(writing)
        writing = 0
        for transaction in done { for change in transaction.changes { book.apply(change) } }
        return done
    }

    /// The process is gone; so many transactions of what was being written have reached the disk. Returns them.
    mutating func crash(keeping count: Int) -> [Transaction] {
        let kept = Array(waiting.prefix(min(count, writing)))
        for transaction in kept { for change in transaction.changes { book.apply(change) } }
        waiting = []
        writing = 0
        return kept
    }
}
