import Hub
import Testing

@testable import neurogrid_simulate

@Suite("The simulator's agenda and dice")
struct AgendaTests {
    @Test("What is planned comes out by time, and at one time in the order of the ties")
    func order() {
        var dice = Dice(seed: 7)
        var agenda = Agenda<Int>()
        var expected: [(UInt64, UInt64, Int)] = []
        for number in 0..<500 {
            let at = dice.below(40)
            let tie = dice.next()
            agenda.add(number, at: at, tie: tie)
            expected.append((at, tie, number))
        }
        expected.sort { ($0.0, $0.1) < ($1.0, $1.1) }
        for (at, _, number) in expected {
            let next = agenda.pop()
            #expect(next?.at == at && next?.matter == number)
        }
        #expect(agenda.pop() == nil && agenda.isEmpty)
    }

    @Test("A seed's dice are the same every time, another seed's are others, and all stay in range")
    func dice() {
        var one = Dice(seed: 1)
        var again = Dice(seed: 1)
        var two = Dice(seed: 2)
        let first = (0..<8).map { _ in one.next() }
        #expect(first == (0..<8).map { _ in again.next() })
        #expect(first != (0..<8).map { _ in two.next() })
        for _ in 0..<1000 {
            #expect((3...5).contains(one.within(3...5)))
            #expect((2_000_000...4_000_000).contains(one.milliseconds(2...4)))
        }
    }

    @Test("A plan has what every history must have")
    func plan() {
        for seed in 0..<200 {
            var dice = Dice(seed: UInt64(seed))
            let plan = Plan(dice: &dice)
            #expect(plan.agents.count >= 8 && plan.submissionCount >= 40 && plan.faults.count >= 5)
            #expect(plan.agents.prefix(5).allSatisfy { $0.lie == nil })
            #expect(plan.faults.allSatisfy { $0.at < Plan.start + Plan.healsAt })
            #expect(plan.configuration.leaseNanoseconds <= plan.configuration.taskLeaseNanoseconds)
            #expect(plan.agents.allSatisfy { (800...1200).contains($0.clockPermille) })
        }
    }
}
