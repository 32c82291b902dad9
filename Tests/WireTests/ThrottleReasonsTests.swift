import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Throttle reasons")
struct ThrottleReasonsTests {
    @Test(
        "Throttle reasons by name",
        arguments: [
            (0, "[]"), (1, "[\"gpu_idle\"]"), (4, "[\"sw_power_cap\"]"),
            (0x60, "[\"sw_thermal_slowdown\",\"hw_thermal_slowdown\"]"), (0x100, "[\"display_clock_setting\"]"),
            (0x200, "[\"bit_9\"]"), (1 << 63, "[\"bit_63\"]"),
        ] as [(UInt64, String)])
    func throttleReasons(mask: UInt64, text: String) {
        #expect(json { ThrottleReasons.write(mask, to: &$0) } == text)
    }
}
