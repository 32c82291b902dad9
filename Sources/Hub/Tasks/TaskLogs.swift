internal import Grid

/// The ends of what tasks wrote: bounded for each task and for all together. What is too much goes oldest first, and is
/// counted by the chunks' numbers.
struct TaskLogs: Sendable {
    private struct Kept: Sendable {
        var chunk: LogChunk
        /// Over all tasks.
        var arrival: UInt64
    }

    private struct Log: Sendable {
        /// Those before ``first`` are let go.
        var chunks: [Kept] = []
        var first = 0
        /// The number of the chunk at ``first``: chunks of a task are counted from 0.
        var firstNumber: UInt64 = 0
        var bytes = 0
    }

    /// What a chunk takes besides its text.
    private static let chunkBytes = 64

    private let taskBytes: Int
    private let totalBytes: Int
    private var logs: [Int32: Log] = [:]
    /// Every chunk by its arrival; those that are gone already are passed over.
    private var arrivals: [(arrival: UInt64, slot: Int32)] = []
    private var firstArrival = 0
    private var nextArrival: UInt64 = 0
    private var chunkCount = 0
    /// Estimated, of what is kept.
    private(set) var byteCount = 0

    init(taskBytes: Int = Limits.taskLogBytes, totalBytes: Int = Limits.taskLogBytesTotal) {
        self.taskBytes = taskBytes
        self.totalBytes = totalBytes
    }

    mutating func append(_ chunk: LogChunk, of slot: Int32) {
        let size = Self.size(chunk)
        logs[slot, default: Log()].chunks.append(Kept(chunk: chunk, arrival: nextArrival))
        logs[slot]?.bytes += size
        byteCount += size
        chunkCount += 1
        arrivals.append((nextArrival, slot))
        nextArrival += 1
        while let log = logs[slot], log.bytes > taskBytes, log.chunks.count - log.first > 1 { dropFirst(of: slot) }
        while byteCount > totalBytes, firstArrival < arrivals.count {
            let (arrival, slot) = arrivals[firstArrival]
            firstArrival += 1
            if isKept(arrival, of: slot) { dropFirst(of: slot) }
        }
        sweep()
    }

    /// Chunks from that number on, the number behind the last, and how many of those asked for are gone.
    func read(_ slot: Int32, from number: UInt64) -> (chunks: [LogChunk], next: UInt64, missed: UInt64) {
        guard let log = logs[slot] else { return ([], 0, 0) }
        let next = log.firstNumber + UInt64(log.chunks.count - log.first)
        guard number < next else { return ([], next, 0) }
        let begin = max(number, log.firstNumber)
        let place = log.first + Int(begin - log.firstNumber)
        return (log.chunks[place...].map(\.chunk), next, begin - number)
    }

    mutating func remove(_ slot: Int32) {
        guard let log = logs.removeValue(forKey: slot) else { return }
        byteCount -= log.bytes
        chunkCount -= log.chunks.count - log.first
    }

    private static func size(_ chunk: LogChunk) -> Int { chunk.text.utf8.count + chunkBytes }

    /// Chunks of a task go in the order in which they came: whichever came before its first one is gone.
    private func isKept(_ arrival: UInt64, of slot: Int32) -> Bool {
        guard let log = logs[slot], log.first < log.chunks.count else { return false }
        return log.chunks[log.first].arrival <= arrival
    }

    private mutating func dropFirst(of slot: Int32) {
        guard var log = logs.removeValue(forKey: slot) else { return }
        let size = Self.size(log.chunks[log.first].chunk)
        log.chunks[log.first].chunk.text = ""
        log.first += 1
        log.firstNumber += 1
        log.bytes -= size
        byteCount -= size
        chunkCount -= 1
        if log.first > 32, log.first * 2 > log.chunks.count {
            log.chunks.removeFirst(log.first)
            log.first = 0
        }
        logs[slot] = log
    }

    private mutating func sweep() {
        guard arrivals.count > 2 * chunkCount + 1024 else { return }
        arrivals = arrivals[firstArrival...].filter { isKept($0.arrival, of: $0.slot) }
        firstArrival = 0
    }
}
