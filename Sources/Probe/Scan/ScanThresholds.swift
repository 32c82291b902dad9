/// From where on a reading is worth a finding.
enum ScanThresholds {
    /// Below the temperature at which the card slows itself down.
    static let degreesBelowSlowdown = 5
    /// For a card that does not tell that temperature.
    static let hotCelsius = 88
    /// NVML's bits for a clock held down by heat or by a power emergency: hardware slowdown, software thermal
    /// slowdown, hardware thermal slowdown, hardware power brake. A power cap that someone set is not among them.
    static let harmfulThrottleBits: UInt64 = 0x08 | 0x20 | 0x40 | 0x80
    static let memoryAvailablePercent = 5.0
    static let memoryPressurePercent = 20.0
    static let filesystemDegradedPercent = 90.0
    static let filesystemUnhealthyPercent = 98.0
}
