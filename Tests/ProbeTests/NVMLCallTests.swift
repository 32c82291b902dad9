import Testing

@testable import Probe

@Suite struct NVMLCallTests {
    @Test func everyCallHasANumberAboveZeroAndASymbol() {
        for call in NVMLCall.allCases {
            #expect(call.rawValue > 0)
            #expect(call.symbol.hasPrefix("nvml"))
        }
        #expect(Set(NVMLCall.allCases.map(\.rawValue)).count == NVMLCall.allCases.count)
    }

    @Test func onlyCallsThatWakeHardwareMayTakeLong() {
        #expect(NVMLCall.allCases.filter(\.mayWakeHardware) == [.initialize, .driverVersion, .deviceCount, .handle])
    }

    @Test func codesAreWords() {
        #expect(describeNVML(code: 15) == "the GPU is lost")
        #expect(describeNVML(code: 4711) == "error 4711")
    }
}
