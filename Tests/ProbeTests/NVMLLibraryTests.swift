import Testing

@testable import Probe

@Suite struct NVMLLibraryTests {
    @Test func aMissingLibraryIsAbsent() {
        #expect(throws: NVMLLibrary.Absence.self) { try NVMLLibrary(path: "/nowhere/libnvidia-ml.so.1") }
    }

    @Test func anotherLibraryIsNamed() throws {
        do {
            _ = try NVMLLibrary(path: "libm.so.6")
            Issue.record("libm is no NVML")
        } catch {
            #expect(error.reason == "libm.so.6 has no nvmlInit_v2")
        }
    }

    @Test func missingSymbolsAreAbsentFunctions() throws {
        let old = try NVMLLibrary(path: FakeNVML.oldLibrary)
        #expect(old.memoryV2 == nil)
        #expect(old.eventReasons == nil)
        #expect(old.processesV2 == nil)
        #expect(old.memory != nil)
        #expect(old.throttleReasons != nil)
        #expect(ProcessReader(old).versions.map(\.call) == [.processesV1])
        let new = try NVMLLibrary(path: FakeNVML.library)
        #expect(new.memoryV2 != nil)
        #expect(ProcessReader(new).versions.map(\.call) == [.processesV2, .processesV3, .processesV1])
    }
}
