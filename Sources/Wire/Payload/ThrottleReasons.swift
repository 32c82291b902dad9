import Bytes

/// NVML's clocks-event (throttle) reasons by name: bit n of the mask is name n.
enum ThrottleReasons {
    /// As nvml.h calls them: `nvmlClocksThrottleReasonGpuIdle` and so on.
    private static let names: [StaticString] = [
        "gpu_idle", "applications_clocks_setting", "sw_power_cap", "hw_slowdown", "sync_boost",
        "sw_thermal_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown", "display_clock_setting",
    ]

    /// Writes the names of the bits set, the lowest first; a bit without a name is `bit_n`.
    static func write(_ mask: UInt64, to writer: inout JSONWriter) {
        writer.beginArray()
        var rest = mask
        while rest != 0 {
            let bit = rest.trailingZeroBitCount
            rest &= rest &- 1
            if bit < names.count {
                writer.string(static: names[bit])
            } else {
                writer.string("bit_\(bit)")
            }
        }
        writer.endArray()
    }
}
