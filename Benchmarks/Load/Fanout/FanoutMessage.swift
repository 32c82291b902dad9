internal import Glibc

/// The message of the fan-out runs: JSON of a fixed size whose sequence number and time stand at fixed places, so that
/// every byte of every delivery can be checked.
final class FanoutMessage {
    /// The message's bytes; time and sequence are written over in place.
    private let bytes: UnsafeMutableRawBufferPointer
    private static let timeAt = 5
    private static let sequenceAt = 29
    private static let digits = 19
    private static let checkedFrom = sequenceAt + digits

    /// - Parameter size: of the whole message, in bytes.
    init(size: Int) {
        precondition(size >= 160)
        bytes = .allocate(byteCount: size, alignment: 8)
        let head =
            #"{"t":1000000000000000000,"q":1000000000000000000,"type":"node_metrics","node":"#
            + #""0f8fad5b-d9cb-469f-a165-70867728950e","cpu":45.2,"gpu":[85,84],"note":""#
        let tail = #""}"#
        let padding = String(repeating: "neurogrid ", count: size / 10 + 1).prefix(
            size - head.utf8.count - tail.utf8.count)
        bytes.copyBytes(from: Array((head + padding + tail).utf8))
    }

    deinit { bytes.deallocate() }

    /// The message's size in bytes.
    var count: Int { bytes.count }

    /// The message of that number and time.
    func write(sequence: UInt64, nanoseconds: UInt64) -> UnsafeRawBufferPointer {
        put(sequence, at: Self.sequenceAt)
        put(nanoseconds, at: Self.timeAt)
        return UnsafeRawBufferPointer(bytes)
    }

    /// Whether a delivery is a message of ours, byte by byte; its time is the sender's own to remember.
    @inline(__always)
    func matches(_ delivery: UnsafeRawBufferPointer) -> Bool {
        guard delivery.count == bytes.count, let left = delivery.baseAddress, let right = bytes.baseAddress else {
            return false
        }
        return equal(left, right, 5) && equal(left + 24, right + 24, 5)
            && equal(left + Self.checkedFrom, right + Self.checkedFrom, bytes.count - Self.checkedFrom)
    }

    /// The number of a delivery that matches.
    @inline(__always)
    static func sequence(of delivery: UnsafeRawBufferPointer) -> UInt64 { number(delivery, at: sequenceAt) }

    /// The time at which a delivery that matches was sent, or should have been.
    @inline(__always)
    static func nanoseconds(of delivery: UnsafeRawBufferPointer) -> UInt64 { number(delivery, at: timeAt) }

    /// All 19 digits but the leading 1, which keeps their count.
    private func put(_ value: UInt64, at place: Int) {
        var rest = value
        for index in stride(from: place + Self.digits - 1, to: place, by: -1) {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    @inline(__always)
    private static func number(_ bytes: UnsafeRawBufferPointer, at place: Int) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        // Two groups of eight digits at once and two alone: 18 digits behind the leading 1.
        let high = eightDigits(base + place + 1)
        let middle = eightDigits(base + place + 9)
        let low =
            UInt64(base.load(fromByteOffset: place + 17, as: UInt8.self) & 15) &* 10
            &+ UInt64(base.load(fromByteOffset: place + 18, as: UInt8.self) & 15)
        return (high &* 100_000_000 &+ middle) &* 100 &+ low
    }

    @inline(__always)
    private static func eightDigits(_ place: UnsafeRawPointer) -> UInt64 {
        var word = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self)) & 0x0F0F_0F0F_0F0F_0F0F
        word = (word &* 10 &+ word >> 8) & 0x00FF_00FF_00FF_00FF
        word = (word &* 100 &+ word >> 16) & 0x0000_FFFF_0000_FFFF
        return (word &* 10_000 &+ word >> 32) & 0xFFFF_FFFF
    }

    @inline(__always)
    private func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
        memcmp(left, right, count) == 0
    }
}
