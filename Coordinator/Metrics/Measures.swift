internal import Fanout
internal import Hub
internal import Reactor
internal import Store

/// A question for measures, to be answered to the loop that asks.
struct MeasureRequest: Sendable {
    /// The loop that asks.
    var loop: Int
    /// Its number on that loop.
    var number: UInt64
    /// In monotonic nanoseconds: who answers learns how long the question waited behind other messages.
    var askedAt: UInt64
}

/// What one thread answers.
enum Measures: Sendable {
    case loop(LoopMeasures)
    case hub(HubMeasures)
}

/// One loop at one moment.
struct LoopMeasures: Sendable {
    var index: Int
    var loop: LoopStatistics
    var fanout: LoopFanout.Statistics
    var laggards: LoopFanout.LaggardSummary
    var counters: EdgeCounters
    /// The loop's own clock, for ages.
    var now: UInt64
    /// Messages that wait for the loop.
    var mailboxDepth: Int
    /// How long the question waited behind them.
    var mailboxNanoseconds: UInt64
    /// Bytes of unfinished messages, of the process.
    var unfinishedBytes: Int
}

/// The Hub's side at one moment, the Store's thread with it.
struct HubMeasures: Sendable {
    var counts: HubCounts
    var publisher: PublisherStatistics
    var compressions: UInt64
    /// What a batch of events took to apply and perform, in nanoseconds.
    var batches: Histogram
    /// From when samples came in to their `apply`, in nanoseconds.
    var sampleWaits: Histogram
    /// Events applied, a turn's samples being one.
    var events: UInt64
    var mailboxDepth: Int
    var mailboxNanoseconds: UInt64
    /// Applied, and waiting for their commit.
    var heldPromises: Int
    var store: StoreThread.Statistics
    var storeDepth: Int
    var storeOldestNanoseconds: UInt64
}
