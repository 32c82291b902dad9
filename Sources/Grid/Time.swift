/// Wall-clock time in milliseconds since 1970-01-01T00:00:00Z; for people and wires, never for deadlines.
public struct Timestamp: Hashable, Sendable, Comparable {
    public var milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
    /// The time so much later; earlier for a negative amount.
    public func adding(milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: self.milliseconds + milliseconds) }
}

/// What time it is for one `apply`: both clocks are read once by the caller.
public struct Now: Hashable, Sendable {
    /// Nanoseconds of a clock that never steps; for leases and deadlines.
    public var monotonicNanoseconds: UInt64
    /// The wall clock in microseconds since 1970; for how long things were under way.
    public var wallMicroseconds: Int64
    /// The wall clock; for timestamps that people read.
    public var wall: Timestamp {
        get { Timestamp(milliseconds: wallMicroseconds / 1000) }
        set { wallMicroseconds = newValue.milliseconds * 1000 }
    }

    public init(monotonicNanoseconds: UInt64, wall: Timestamp) {
        self.init(monotonicNanoseconds: monotonicNanoseconds, wallMicroseconds: wall.milliseconds * 1000)
    }

    public init(monotonicNanoseconds: UInt64, wallMicroseconds: Int64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallMicroseconds = wallMicroseconds
    }

    /// What the wall clock showed at an earlier monotonic time, in microseconds, had it not stepped since.
    public func wallMicroseconds(at monotonic: UInt64) -> Int64 {
        guard monotonic < monotonicNanoseconds else { return wallMicroseconds }
        return wallMicroseconds - Int64((monotonicNanoseconds - monotonic) / 1000)
    }
}

extension Timestamp {
    /// The civil date and time of day in UTC. Days-to-civil after Howard Hinnant's `civil_from_days`.
    public var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, millisecond: Int) {
        let dayMilliseconds: Int64 = 86_400_000
        let days =
            milliseconds >= 0 ? milliseconds / dayMilliseconds : (milliseconds - dayMilliseconds + 1) / dayMilliseconds
        let inDay = Int(milliseconds - days * dayMilliseconds)
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (
            year, month, day, inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60, inDay % 1000
        )
    }

    /// The length of the ISO 8601 form in bytes, for years 0 to 9999.
    public static let textLength = 24

    /// Writes `2024-01-15T10:30:00.000Z`, exactly ``textLength`` bytes.
    public func write(to target: UnsafeMutablePointer<UInt8>) {
        let (year, month, day, hour, minute, second, millisecond) = civil
        func put(_ value: Int, _ digits: Int, at position: Int, then separator: Unicode.Scalar) {
            var rest = value
            for index in stride(from: digits - 1, through: 0, by: -1) {
                target[position + index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            target[position + digits] = UInt8(ascii: separator)
        }
        put(min(max(year, 0), 9999), 4, at: 0, then: "-")
        put(month, 2, at: 5, then: "-")
        put(day, 2, at: 8, then: "T")
        put(hour, 2, at: 11, then: ":")
        put(minute, 2, at: 14, then: ":")
        put(second, 2, at: 17, then: ".")
        put(millisecond, 3, at: 20, then: "Z")
    }

    /// ISO 8601 in UTC with milliseconds: `2024-01-15T10:30:00.000Z`.
    public var iso8601: String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            write(to: buffer.baseAddress!)
            return Self.textLength
        }
    }
}
