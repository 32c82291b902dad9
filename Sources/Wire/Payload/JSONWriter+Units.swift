import Bytes
import Grid

/// The documents' units: GB of 2³⁰ bytes, MB of 2²⁰, watts, percent, units of a currency; an absent value is `null`,
/// its key stays.
extension JSONWriter {
    /// A percentage or a load, to hundredths.
    @inline(__always)
    mutating func field(_ key: StaticString, hundredths value: Double?) {
        field(key, value, decimals: 2)
    }

    /// Bytes as GB (2³⁰), to thousandths.
    @inline(__always)
    mutating func field(_ key: StaticString, gigabytes bytes: UInt64?) {
        // Without the lowest ten bits, which no thousandth shows, a thousandfold fits the word.
        field(key, fixed: bytes.map { Int64(truncatingIfNeeded: (($0 >> 10) * 1000 + 1 << 19) >> 20) }, decimals: 3)
    }

    /// Bytes as MB (2²⁰), to thousandths.
    @inline(__always)
    mutating func field(_ key: StaticString, megabytes bytes: UInt64?) {
        field(key, fixed: bytes.map { Int64(truncatingIfNeeded: (($0 >> 10) * 1000 + 1 << 9) >> 10) }, decimals: 3)
    }

    /// Milliwatts as watts, exactly.
    @inline(__always)
    mutating func field(_ key: StaticString, watts milliwatts: UInt64?) {
        field(key, fixed: milliwatts.map { Int64(truncatingIfNeeded: $0) }, decimals: 3)
    }

    /// Milliseconds as seconds, exactly.
    @inline(__always)
    mutating func field(_ key: StaticString, seconds milliseconds: UInt32?) {
        field(key, fixed: milliseconds.map { Int64($0) }, decimals: 3)
    }

    /// An amount of money in micro-units as units, exactly.
    @inline(__always)
    mutating func field(_ key: StaticString, micros value: Int64?) {
        field(key, fixed: value, decimals: 6)
    }
}
