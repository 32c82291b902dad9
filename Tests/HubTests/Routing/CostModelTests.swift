import Grid
import Testing

@testable import Hub

@Suite("Cost model")
struct CostModelTests {
    @Test("Ten points of health double the hazard")
    func doubling() {
        for health in stride(from: 100, to: 0, by: -10) {
            let ratio = Double(CostModel.hazard(health: health - 10)) / Double(CostModel.hazard(health: health))
            #expect(abs(ratio - 2) < 0.01)
        }
        #expect(CostModel.hazard(health: nil) == CostModel.hazard(health: NodeCapacity.unknownHealth))
        // A healthy node fails once in 47.7 days.
        let days = Double(1 << 40) / Double(CostModel.hazard(health: 100)) / 86_400
        #expect(abs(days - 47.7) < 0.01)
    }

    @Test("A member's hazard is half its run times how likely a failure is, times the gang")
    func factor() {
        var request = RoutingScene.request(1, .whole(8), seconds: 64 * 3600)
        request.gangSize = 4
        let exposure = CostModel.exposure(Shape(request))
        #expect(exposure == 4 * 64 * 3600)
        let factor = CostModel.hazardFactor(exposure: exposure, hazard: CostModel.hazard(health: 100))
        let expected = 0.5 * 4 * 64 / 24 / 47.7
        #expect(abs(Double(factor) / 65_536 / expected - 1) < 0.001)
        #expect(CostModel.hazardCost(price: 8_000_000, factor: factor) == (8_000_000 * factor) >> 16)
    }

    @Test("The dearest place stays within a word")
    func extremes() {
        var request = RoutingScene.request(1, .whole(Limits.gpusPerNode), seconds: Limits.taskSeconds)
        request.gangSize = Limits.gangMembers
        let shape = Shape(request)
        let price = Limits.priceMicros * shape.paidMilli / 1000
        let factor = CostModel.hazardFactor(exposure: CostModel.exposure(shape), hazard: CostModel.hazard(health: 0))
        #expect(factor <= Limits.hazardFactor << 16)
        #expect(CostModel.hazardCost(price: price, factor: Limits.hazardFactor << 16) == price * Limits.hazardFactor)
        Limits.checkRelations()
    }

    @Test("Costs are stale only when the mean price or the workload changes")
    func generations() {
        var model = CostModel()
        let first = model.generation
        model.price(total: 3_000_000, gpus: 3)
        #expect(model.generation == first + 1 && model.stepCost == 100_000)
        model.price(total: 2_000_000, gpus: 2)
        #expect(model.generation == first + 1)
        model.price(total: 0, gpus: 0)
        #expect(model.meanPrice == CostModel.leastMeanPrice)
    }
}
