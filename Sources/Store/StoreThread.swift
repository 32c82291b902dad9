public import Grid
public import Reactor
import Synchronization

/// The one thread that writes: takes every commit that waits, makes them one transaction with one fsync, answers.
///
/// Answers come on the store's thread, in the order of the commits, one for each. A commit answered with success
/// is on disk. A full disk is no answer: the commits wait in order, and are tried again until there is room, because
/// whoever asked for them has already acted on them; `stalled` tells so that nothing new need be asked. Any other
/// failure answers this and every later commit: the process should end, and what is on disk is whole.
public final class StoreThread: Sendable {
    /// What the thread has done so far.
    public struct Statistics: Sendable {
        /// Transactions that reached the disk.
        public var transactions: UInt64 = 0
        /// Commits that reached the disk; more than `transactions` where they were grouped.
        public var commits: UInt64 = 0
        /// From the request of a commit to its being on disk, in nanoseconds.
        public var latencies = Histogram.durations
        /// Commits that one transaction took.
        public var batches = Histogram.sizes
    }

    /// Told of each commit's fate, by its ticket.
    public typealias Answer = @Sendable (_ ticket: UInt64, Result<Void, StoreError>) -> Void
    /// Told the error when commits begin to wait for a full disk, and `nil` when they no longer do.
    public typealias Stalled = @Sendable (StoreError?) -> Void

    private struct Commit: Sendable {
        let ticket: UInt64
        let changes: [StoreChange]
        /// In monotonic nanoseconds.
        let askedAt: UInt64
    }

    private let commits: Mailbox<Commit>
    private let capacity: Int
    private let thread: LoopThread
    private let shared: Shared

    /// What both sides count.
    private final class Shared: Sendable {
        /// Commits taken and not answered.
        let outstanding = Atomic<Int>(0)
        /// When the first of those that are being written was asked for; 0 while none is.
        let oldest = Atomic<UInt64>(0)
        /// Touched once a transaction, beside an fsync.
        let statistics = Mutex(Statistics())
    }

    private init(_ commits: Mailbox<Commit>, _ capacity: Int, _ thread: LoopThread, _ shared: Shared) {
        self.commits = commits
        self.capacity = capacity
        self.thread = thread
        self.shared = shared
    }

    /// Starts the thread, which owns the archive from now on and closes it at its end.
    ///
    /// At most `capacity` commits wait at once. A full disk is tried again every `retryMilliseconds`.
    public static func start(
        archive: sending Archive, capacity: Int = Limits.mailboxMessages,
        retryMilliseconds: Int = Limits.fullDiskRetryMilliseconds, answer: @escaping Answer,
        stalled: @escaping Stalled = { _ in }
    ) throws(SystemError) -> StoreThread {
        let commits = try Mailbox<Commit>(capacity: capacity)
        let shared = Shared()
        // Handed over once, before the thread runs, and used by nobody else after.
        nonisolated(unsafe) let archive = archive
        let thread = LoopThread.start(name: "store") {
            var writer = Writer(
                archive: archive, commits: commits, shared: shared, answer: answer, stalled: stalled,
                retryNanoseconds: UInt64(retryMilliseconds) * 1_000_000)
            writer.run()
        }
        return StoreThread(commits, capacity, thread, shared)
    }

    /// Asks for these changes to be made durable together. Callable from any thread.
    ///
    /// `false` where too many commits wait or the store is stopped: then there is no answer, and nothing is written.
    public func commit(_ changes: [StoreChange], ticket: UInt64) -> Bool {
        let (before, _) = shared.outstanding.add(1, ordering: .relaxed)
        let commit = Commit(ticket: ticket, changes: changes, askedAt: Clock.monotonicNanoseconds())
        if before < capacity, commits.post(commit) { return true }
        shared.outstanding.subtract(1, ordering: .relaxed)
        return false
    }

    /// Commits that wait for their answer.
    public var outstandingCount: Int { shared.outstanding.load(ordering: .relaxed) }

    /// How long the first of the commits that wait has waited, in nanoseconds; 0 while none is being written.
    public var oldestWaitNanoseconds: UInt64 {
        let asked = shared.oldest.load(ordering: .relaxed)
        let now = Clock.monotonicNanoseconds()
        return asked == 0 || asked > now ? 0 : now - asked
    }

    /// What the thread has done so far; a copy.
    public var statistics: Statistics { shared.statistics.withLock { $0 } }

    /// Writes and answers what was asked, closes the database, unlocks the data directory and ends the thread.
    ///
    /// Commits that still wait for a full disk are answered with ``StoreError/Kind/full``.
    public func stop() {
        commits.close()
        thread.join()
    }

    /// The thread's side.
    private struct Writer {
        let archive: Archive
        let commits: Mailbox<Commit>
        let shared: Shared
        let answer: Answer
        let stalled: Stalled
        let retryNanoseconds: UInt64

        /// Taken, not yet written: more than one group only while the disk is full.
        var waiting: [Commit] = []
        /// Why `waiting` waits.
        var fullDisk: StoreError?
        /// What ended the writing for good.
        var failure: StoreError?

        init(
            archive: Archive, commits: Mailbox<Commit>, shared: Shared, answer: @escaping Answer,
            stalled: @escaping Stalled, retryNanoseconds: UInt64
        ) {
            self.archive = archive
            self.commits = commits
            self.shared = shared
            self.answer = answer
            self.stalled = stalled
            self.retryNanoseconds = retryNanoseconds
        }

        mutating func run() {
            while true {
                let taken = take()
                waiting += taken
                if waiting.isEmpty { break }
                shared.oldest.store(waiting[0].askedAt, ordering: .relaxed)
                write()
                if let fullDisk, taken.isEmpty, commits.isClosed {
                    answerAll(.failure(fullDisk))
                    break
                }
            }
            archive.close()
        }

        /// The next group: waits for one, or while the disk is full for the time of the next attempt.
        ///
        /// Empty when the box is closed and drained, or when it is time to try again.
        private func take() -> [Commit] {
            guard fullDisk != nil else { return commits.receiveBlocking() }
            let attempt = Clock.monotonicNanoseconds() + retryNanoseconds
            var taken: [Commit] = []
            while !commits.isClosed {
                let now = Clock.monotonicNanoseconds()
                guard now < attempt else { return taken }
                taken += commits.receiveBlocking(timeoutNanoseconds: attempt - now)
            }
            return taken + commits.receiveBlocking(timeoutNanoseconds: 0)
        }

        private mutating func write() {
            if let failure {
                answerAll(.failure(failure))
                return
            }
            do throws(StoreError) {
                try archive.append(batches: waiting.lazy.map(\.changes))
            } catch {
                refuse(error)
                return
            }
            note()
            if fullDisk != nil {
                fullDisk = nil
                stalled(nil)
            }
            answerAll(.success(()))
            do throws(StoreError) {
                try archive.tidy()
            } catch {
                failure = error
            }
        }

        private func note() {
            let now = Clock.monotonicNanoseconds()
            shared.statistics.withLock { statistics in
                statistics.transactions += 1
                statistics.commits += UInt64(waiting.count)
                statistics.batches.observe(UInt64(waiting.count))
                for commit in waiting { statistics.latencies.observe(now - commit.askedAt) }
            }
        }

        private mutating func refuse(_ error: StoreError) {
            guard error.kind == .full else {
                failure = error
                answerAll(.failure(error))
                return
            }
            let isNew = fullDisk == nil
            fullDisk = error
            if isNew { stalled(error) }
        }

        private mutating func answerAll(_ result: Result<Void, StoreError>) {
            for commit in waiting {
                shared.outstanding.subtract(1, ordering: .relaxed)
                answer(commit.ticket, result)
            }
            shared.oldest.store(0, ordering: .relaxed)
            waiting.removeAll(keepingCapacity: true)
        }
    }
}
