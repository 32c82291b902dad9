import Grid
import Testing

@testable import Hub

@Suite("Pricing")
struct PricingTests {
    let configuration = HubConfiguration()

    func specification(
        gpu: GPUDemand = .whole(1), cap: Int64? = 400_000, seconds: Int64 = 3600, _ currency: Currency = .usd,
        gang: Int = 1
    ) -> TaskSpecification {
        var resources = ResourceRequest(gpu: gpu)
        resources.priceCapMicros = cap
        var specification = TaskSpecification(runner: "r", resources: resources, timeoutSeconds: seconds)
        specification.currency = currency
        specification.gangSize = gang
        return specification
    }

    func lease(price: Int64, milli: Int64, milliseconds: Int64?) -> TaskLease {
        let terms = CostTerms(price: 0, hazard: 0, fragmentation: 0)
        var lease = TaskLease(
            member: 0, node: .test(1), gpus: 1, milliPerGPU: 1000, billableMilli: milli, pricePerHourMicros: price,
            explanation: PlacementExplanation(winner: terms, runnerUp: nil, runnerUpTerms: nil, isBackfill: false))
        lease.ranMilliseconds = milliseconds
        return lease
    }

    @Test("What is set aside is the cap for the whole of the timeout, in the task's currency")
    func holds() {
        func hold(_ specification: TaskSpecification) -> Int64? {
            Ledger.holdMicros(for: specification, configuration: configuration)
        }
        #expect(hold(specification()) == 400_000)
        #expect(hold(specification(gpu: .whole(8))) == 3_200_000)
        #expect(hold(specification(gpu: .share(milli: 250))) == 100_000)
        #expect(hold(specification(gpu: .none)) == 400_000, "without a GPU, all of a node's processors")
        #expect(hold(specification(.neuro)) == 4_000_000)
        #expect(hold(specification(cap: nil)) == Limits.priceCapMicros)
        #expect(hold(specification(cap: 1, seconds: 1)) == 1, "rounded up")
        #expect(hold(specification(cap: 1, seconds: 1, gang: 5)) == 5, "each member is")
        #expect(hold(specification(cap: 0)) == 0)
        #expect(hold(specification(Currency("EUR")!)) == nil)
        var external = specification()
        external.runner = ""
        #expect(hold(external) == 0)
    }

    @Test("What is too much for 64 bits is more than anybody has, and no trap")
    func extremes() {
        let dear = specification(gpu: .whole(64), cap: .max, seconds: Limits.taskSeconds, .neuro, gang: 1024)
        #expect(Ledger.holdMicros(for: dear, configuration: configuration) == .max)
        #expect(Ledger.micros(pricePerHour: .max, billableMilli: .max, milliseconds: .max, microsPerCredit: 1) == .max)
        #expect(Ledger.micros(pricePerHour: -1, billableMilli: 1, milliseconds: 1, microsPerCredit: 1) == 0)
        let large = Ledger.micros(
            pricePerHour: Limits.priceMicros, billableMilli: 64_000, milliseconds: Limits.taskSeconds * 1000,
            microsPerCredit: 1_000_000_000)
        // A thousand credits an hour, 64 GPUs, 1,080 hours, a thousand units a credit.
        #expect(large == 1000 * 64 * 1080 * 1_000_000_000)
    }

    @Test("A member's cost is its node's price for the time it ran, rounded up")
    func costs() {
        func cost(_ lease: TaskLease, _ currency: Currency = .usd) -> Int64 {
            Ledger.costMicros(of: lease, in: currency, configuration: configuration)
        }
        #expect(cost(lease(price: 360_000, milli: 1000, milliseconds: 10_000)) == 1000)
        #expect(cost(lease(price: 360_000, milli: 500, milliseconds: 10_001)) == 501)
        #expect(cost(lease(price: 360_000, milli: 1000, milliseconds: 10_000), .neuro) == 10_000)
        #expect(cost(lease(price: 360_000, milli: 1000, milliseconds: nil)) == 0)
        #expect(cost(lease(price: 360_000, milli: 1000, milliseconds: 5), Currency("EUR")!) == 0)
    }

    @Test("No run within timeout and cap costs more than was set aside", arguments: 1...10)
    func bounded(seed: UInt64) throws {
        var dice = Dice(seed)
        for _ in 0..<500 {
            let cap = Int64.random(in: 0...Limits.priceMicros, using: &dice) >> Int64.random(in: 0..<31, using: &dice)
            let gpu = [GPUDemand.none, .share(milli: .random(in: 1...999, using: &dice)), .whole(3)]
                .randomElement(using: &dice)!
            let seconds = Int64.random(in: 1...100_000, using: &dice)
            let gang = Int.random(in: 1...9, using: &dice)
            let asked = specification(gpu: gpu, cap: cap, seconds: seconds, .neuro, gang: gang)
            let hold = try #require(Ledger.holdMicros(for: asked, configuration: configuration))
            let cost = (0..<gang).reduce(Int64(0)) { sum, _ in
                let lease = lease(
                    price: .random(in: 0...cap, using: &dice), milli: gpu == .none ? 1000 : Int64(gpu.milli),
                    milliseconds: .random(in: 0...(seconds * 1000), using: &dice))
                return sum + Ledger.costMicros(of: lease, in: .neuro, configuration: configuration)
            }
            #expect(cost <= hold)
        }
    }

    @Test("The fee is rounded down and never more than all")
    func fees() {
        var configuration = HubConfiguration()
        #expect(Ledger.feeMicros(of: 99, configuration: configuration) == 4)
        configuration.platformFeeBasisPoints = 20_000
        #expect(Ledger.feeMicros(of: .max, configuration: configuration) == .max)
        configuration.platformFeeBasisPoints = -1
        #expect(Ledger.feeMicros(of: 100, configuration: configuration) == 0)
    }
}
