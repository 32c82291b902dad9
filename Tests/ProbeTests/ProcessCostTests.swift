import Testing

@testable import Probe

@Suite struct ProcessCostTests {
    @Test func busyTimeIsCounted() {
        let before = ProcessCost.processorNanoseconds()
        while ProcessCost.processorNanoseconds() < before + 20_000_000 {}
        #expect(ProcessCost.processorNanoseconds() >= before + 20_000_000)
    }

    @Test func memoryIsThisProcesss() {
        let resident = ProcessCost.residentBytes()
        #expect(resident > 1 << 20)
        #expect(resident < 1 << 36)
    }
}
