import Bytes
import Grid
import Testing

@testable import Wire

@Suite("A node's GPUs as one")
struct GPUTotalsTests {
    @Test("Totals: mean, sums and the highest, of GPUs that can be believed")
    func totals() {
        var gpus = (0..<3).map(SampleMaker.gpu)
        gpus[0].utilizationPercent = 10
        gpus[1].utilizationPercent = 11
        gpus[2].utilizationPercent = 12
        #expect(GPUTotals(gpus).utilizationHundredths == 1100)
        gpus[2].utilizationPercent = nil
        #expect(GPUTotals(gpus).utilizationHundredths == 1050)
        #expect(GPUTotals(gpus).temperatureCelsius == 72)
        #expect(GPUTotals(gpus).powerMilliwatts == 841_500)
        gpus[0].state = .lost
        #expect(GPUTotals(gpus).utilizationHundredths == 1100)
        #expect(GPUTotals(gpus).temperatureCelsius == 71)
        gpus[1].memoryUsedBytes = .max
        #expect(GPUTotals(gpus).memoryUsedBytes == .max)
        gpus[1].state = .stale
        gpus[2].state = .driverHung
        let none = GPUTotals(gpus)
        #expect(none.utilizationHundredths == nil && none.memoryUsedBytes == nil)
        #expect(none.temperatureCelsius == nil && none.powerMilliwatts == nil)
    }
}
