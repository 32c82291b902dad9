internal import Grid

/// What a run gave, as far as it can be compared.
struct ResultMark: Hashable, Sendable {
    /// Of a run that failed for a reason that lies in the task.
    var fault: TaskFault?
    var digest: Digest256?
    var output = ""

    init(_ outcome: RunOutcome) {
        digest = outcome.digest
        output = outcome.output
    }

    /// `nil` for a result that tells nothing of the task: it failed for want of time, memory or a machine.
    init?(_ result: TaskResult) {
        switch result.fault {
        case nil:
            digest = result.digest
            output = result.output
        case .exitStatus, .signal, .outputLimit: fault = result.fault
        default: return nil
        }
    }
}

/// A task's result and those of its copies: who is right, as soon as two agree.
struct Comparison: Sendable {
    struct Vote: Hashable, Sendable {
        var node: NodeID
        var owner: UserID
        var mark: ResultMark
    }

    /// How it ended.
    struct Outcome: Hashable, Sendable {
        var verdict: ResultVerdict
        /// Nodes whose result another one confirmed.
        var right: [NodeID] = []
        /// Nodes whose result two others contradict.
        var wrong: [NodeID] = []
    }

    /// What is run.
    let specification: TaskSpecification
    /// The task's own first, then those of its copies in the order of their ends.
    private(set) var votes: [Vote]
    /// The copy that runs.
    var copy: TaskID?
    /// Copies that told nothing.
    private(set) var vain = 0

    /// Different results after which nobody can know which is right.
    static let votesAtMost = 5
    static let vainAtMost = 3

    init(of specification: TaskSpecification, _ first: Vote) {
        self.specification = specification
        votes = [first]
    }

    mutating func add(_ vote: Vote) {
        votes.append(vote)
        copy = nil
    }

    mutating func noteVain() {
        vain += 1
        copy = nil
    }

    /// The end, if it has come to one; otherwise another copy is needed.
    var outcome: Outcome? {
        for vote in votes {
            let agreeing = votes.filter { $0.mark == vote.mark }
            guard agreeing.count >= 2 else { continue }
            let wrong = votes.filter { $0.mark != vote.mark }
            return Outcome(
                verdict: votes[0].mark == vote.mark ? .counts : .disagrees, right: agreeing.map(\.node),
                wrong: wrong.map(\.node))
        }
        return votes.count >= Self.votesAtMost || vain >= Self.vainAtMost ? inconclusive : nil
    }

    /// The end where nobody else can be asked: a result that nobody contradicts counts, without a word for its node. Of
    /// results that contradict each other none does.
    var inconclusive: Outcome { Outcome(verdict: votes.count == 1 ? .counts : .disagrees) }
}

/// Which results are run again elsewhere. The less is known of a node, the more of its results; never none of them.
struct ReplicationPolicy: Hashable, Sendable {
    /// The share of a well-known node's results, in hundredths of a percent; 0 = nothing is run again.
    var leastBasisPoints: Int64

    /// Confirmed results in a row before which all results of a node are run again.
    static let provingResults: UInt32 = 10

    /// The chance that a result of a node with so many confirmed results in a row is run again, in hundredths of a
    /// percent.
    ///
    /// - Parameter stakePercent: what the result costs beside the usual, in hundredths. The chance is as many times
    ///   higher or lower: so what a cheater is paid until it is found is the same, whatever it chooses and bills.
    func chance(verifiedResults: UInt32, stakePercent: Int64 = 100) -> Int64 {
        guard leastBasisPoints > 0 else { return 0 }
        guard verifiedResults >= Self.provingResults else { return 10_000 }
        let usual = max(min(leastBasisPoints, 10_000), 10_000 / Int64(verifiedResults))
        return min(max(usual * stakePercent / 100, 1), 10_000)
    }
}
