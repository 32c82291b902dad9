import Grid
import Testing

@testable import Hub

/// A closed world of the policy alone: a hundred providers, thirty of them cheat, and tasks go to anyone who is not
/// kept out. Integers only, one seed is one history.
@Suite("Cheating providers")
struct ReplicationSimulationTests {
    enum Cheat: Sendable, CaseIterable {
        case always
        /// One task in ten.
        case rare
        /// Honest until it is trusted, then never again.
        case sleeper
    }

    struct World {
        static let nodes = 100
        static let cheaters = 30
        static let candidates = 8

        var dice: Dice
        let kinds: [Cheat]
        /// Whether all cheaters give the same wrong result.
        let colludes: Bool
        let policy = ReplicationPolicy(leastBasisPoints: 500)
        var verified = [UInt32](repeating: 0, count: nodes)
        var isOut = [Bool](repeating: false, count: nodes)
        var inventions: UInt64 = 0
        var paid = 0
        var fraud = 0
        var copies = 0
        var unpaid = 0

        init(seed: UInt64, kinds: [Cheat], colludes: Bool) {
            dice = Dice(seed)
            self.kinds = kinds
            self.colludes = colludes
        }

        var accused: Int { isOut[Self.cheaters...].count { $0 } }
        var caught: Int { isOut[..<Self.cheaters].count { $0 } }

        func id(_ node: Int) -> NodeID { .test(UInt64(node)) }
        func place(_ node: NodeID) -> Int { Int(node.uuid.low) }

        mutating func vote(_ node: Int) -> Comparison.Vote {
            var outcome = RunOutcome()
            outcome.output = "right"
            if node < Self.cheaters, cheats(node) {
                inventions += 1
                outcome.output = colludes ? "wrong" : "wrong \(inventions)"
            }
            return Comparison.Vote(node: id(node), owner: UserID("u\(node)"), mark: ResultMark(outcome))
        }

        mutating func cheats(_ node: Int) -> Bool {
            switch kinds[node % kinds.count] {
            case .always: true
            case .rare: dice.entropy.next(below: 10) == 0
            case .sleeper: verified[node] >= 2 * ReplicationPolicy.provingResults
            }
        }

        mutating func anyone() -> Int {
            while true {
                let node = Int(dice.entropy.next(below: UInt64(Self.nodes)))
                if !isOut[node] { return node }
            }
        }

        /// Of a few that may, the one with most confirmed results.
        mutating func another(than votes: [Comparison.Vote]) -> Int {
            var best: Int?
            for _ in 0..<Self.candidates {
                let node = anyone()
                if votes.contains(where: { $0.node == id(node) }) { continue }
                if best.map({ verified[$0] < verified[node] }) ?? true { best = node }
            }
            return best ?? another(than: votes)
        }

        mutating func runTask() {
            let node = anyone()
            let first = vote(node)
            guard Int64(dice.entropy.next(below: 10_000)) < policy.chance(verifiedResults: verified[node]) else {
                return pay(first)
            }
            let specification = TaskSpecification(
                runner: "selftest", resources: ResourceRequest(gpu: .none), timeoutSeconds: 60)
            var comparison = Comparison(of: specification, first)
            while comparison.outcome == nil {
                copies += 1
                comparison.add(vote(another(than: comparison.votes)))
            }
            guard let outcome = comparison.outcome else { return }
            for node in outcome.right { verified[place(node)] += 1 }
            for node in outcome.wrong {
                isOut[place(node)] = true
                verified[place(node)] = 0
            }
            if outcome.verdict == .counts { pay(first) } else { unpaid += 1 }
        }

        mutating func pay(_ vote: Comparison.Vote) {
            paid += 1
            if vote.mark.output != "right" { fraud += 1 }
        }
    }

    static let tasks = 50_000

    @Test(
        "30 % cheaters: at most 1 % of the pay is fraud, at most 10 % of tasks are run again, no honest node is out",
        arguments: [[Cheat.always], [.rare], [.sleeper], [.always, .rare, .sleeper]], [UInt64(1), 2, 3])
    func alone(kinds: [Cheat], seed: UInt64) {
        var world = World(seed: seed, kinds: kinds, colludes: false)
        for _ in 0..<Self.tasks { world.runTask() }
        // Five hundred tasks a provider are a short run: who is found out early does little harm later.
        #expect(world.fraud * 100 <= world.paid)
        // 10 % are promised; more than the policy does is noticed before it comes near to that.
        #expect(world.copies * 100 <= 8 * Self.tasks)
        #expect(world.accused == 0)
        #expect(world.caught >= 28)
        #expect(world.paid + world.unpaid == Self.tasks && world.unpaid * 100 <= Self.tasks)
    }

    @Test("Cheaters who agree among themselves gain no more", arguments: [[Cheat.always], [.rare], [.sleeper]])
    func together(kinds: [Cheat]) {
        var world = World(seed: 7, kinds: kinds, colludes: true)
        for _ in 0..<Self.tasks { world.runTask() }
        #expect(world.fraud * 100 <= world.paid)
        #expect(world.copies * 10 <= Self.tasks)
        #expect(world.caught >= 28)
    }
}
