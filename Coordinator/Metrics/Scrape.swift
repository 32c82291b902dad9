internal import Grid
internal import Reactor

/// One request for `/metrics` under way: every loop and the Hub are asked by message, and what has come when the
/// last of them answered, or when patience ends, is the answer.
final class Scrape {
    let request: RequestID
    private(set) var loops: [LoopMeasures] = []
    private(set) var hub: HubMeasures?
    /// Who has not answered.
    private(set) var awaited: Int
    var timer: TimerID?

    /// Scrapes that one loop has under way at most.
    static let limit = 8
    /// How long an answer is waited for, in nanoseconds.
    static let patienceNanoseconds: UInt64 = 2_000_000_000

    /// - Parameter awaited: how many will answer.
    init(request: RequestID, awaited: Int) {
        self.request = request
        self.awaited = awaited
    }

    /// Takes one answer. - Returns: whether all are there.
    func take(_ measures: Measures) -> Bool {
        switch measures {
        case .loop(let measures): loops.append(measures)
        case .hub(let measures): hub = measures
        }
        awaited -= 1
        return awaited == 0
    }
}
