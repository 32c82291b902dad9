import Grid
import Testing

@testable import Hub

@Suite("Thresholds")
struct ThresholdsTests {
    @Test("Points are ten for each doubling of the sourced hazard ratios")
    func hazards() {
        for (fault, ratio) in [(Fault.uncorrectedMemory, 47), (.gpuMissing, 32)] {
            let points = 10 * FixedPoint.log2(Int64(ratio) * FixedPoint.one)
            #expect((points + FixedPoint.one / 2) / FixedPoint.one == Threshold.of(fault).points)
        }
    }

    @Test("Every fault has points, a half-life and a place in the signals' memory")
    func complete() {
        for fault in Fault.allCases {
            let threshold = Threshold.of(fault)
            #expect((1...56).contains(threshold.points) && threshold.halfLifeSeconds >= 3600)
            #expect(fault.rawValue < 8)
        }
        #expect(Sensor.allCases.count == 6 && Sensor.allCases.filter { $0.rawValue < Sensor.gpuSensors }.count == 4)
    }
}
