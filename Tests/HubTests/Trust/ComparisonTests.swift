import Grid
import Testing

@testable import Hub

@Suite("Comparisons of results")
struct ComparisonTests {
    func vote(_ node: UInt64, _ output: String) -> Comparison.Vote {
        var outcome = RunOutcome()
        outcome.output = output
        return Comparison.Vote(node: .test(node), owner: UserID("u\(node)"), mark: ResultMark(outcome))
    }

    func comparison(_ outputs: String...) -> Comparison {
        let specification = TaskSpecification(
            runner: "selftest", resources: ResourceRequest(gpu: .none), timeoutSeconds: 60)
        var comparison = Comparison(of: specification, vote(1, outputs[0]))
        for (place, output) in outputs.enumerated().dropFirst() { comparison.add(vote(UInt64(place + 1), output)) }
        return comparison
    }

    @Test("Two that agree are right, whoever differs is wrong")
    func majority() {
        #expect(comparison("a").outcome == nil)
        #expect(
            comparison("a", "a").outcome == Comparison.Outcome(verdict: .counts, right: [.test(1), .test(2)]))
        #expect(comparison("a", "b").outcome == nil)
        #expect(
            comparison("a", "b", "a").outcome
                == Comparison.Outcome(verdict: .counts, right: [.test(1), .test(3)], wrong: [.test(2)]))
        #expect(
            comparison("a", "b", "b").outcome
                == Comparison.Outcome(verdict: .disagrees, right: [.test(2), .test(3)], wrong: [.test(1)]))
        #expect(comparison("a", "b", "c", "d", "b").outcome?.wrong == [.test(1), .test(3), .test(4)])
    }

    @Test("Where nobody agrees nothing counts and nobody is accused")
    func open() {
        #expect(comparison("a", "b", "c", "d").outcome == nil)
        #expect(comparison("a", "b", "c", "d", "e").outcome == Comparison.Outcome(verdict: .disagrees))
        #expect(comparison("a", "b").inconclusive == Comparison.Outcome(verdict: .disagrees))
    }

    @Test("A result that nobody could be asked about counts, and speaks for nobody")
    func alone() {
        var alone = comparison("a")
        for _ in 0..<Comparison.vainAtMost {
            #expect(alone.outcome == nil)
            alone.copy = TaskID(UUID128(high: 1, low: 1))
            alone.noteVain()
            #expect(alone.copy == nil)
        }
        #expect(alone.outcome == Comparison.Outcome(verdict: .counts))
    }

    @Test("Digests, outputs and failures of the task itself are compared; what a machine did is not")
    func marks() {
        var outcome = RunOutcome()
        outcome.output = "1"
        let plain = ResultMark(outcome)
        outcome.digest = .test(1)
        #expect(ResultMark(outcome) != plain)
        var result = TaskResult()
        result.output = "1"
        #expect(ResultMark(result) == plain)
        result.fault = .exitStatus
        #expect(ResultMark(result) != nil && ResultMark(result) != plain)
        for fault in [TaskFault.timeout, .outOfMemory, .nodeLost, .rejected, .agentStopped] {
            result.fault = fault
            #expect(ResultMark(result) == nil)
        }
    }

    @Test("The chance falls with what is known of a node, and never to nothing")
    func chances() {
        let policy = ReplicationPolicy(leastBasisPoints: 500)
        #expect((0..<10).allSatisfy { policy.chance(verifiedResults: $0) == 10_000 })
        #expect(policy.chance(verifiedResults: 10) == 1000)
        #expect(policy.chance(verifiedResults: 16) == 625)
        #expect(policy.chance(verifiedResults: 20) == 500)
        #expect(policy.chance(verifiedResults: .max) == 500)
        #expect(ReplicationPolicy(leastBasisPoints: 0).chance(verifiedResults: 0) == 0)
    }
}
