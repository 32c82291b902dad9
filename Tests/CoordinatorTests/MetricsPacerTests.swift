import Bytes
import Grid
import Testing

@testable import neurogrid_coordinator

@Suite("Readings on their way to an EyeNet client")
struct MetricsPacerTests {
    private var pacer = MetricsPacer()
    private var window = RateWindow()
    private static let limit = 1000
    private static let minute: UInt64 = 60_000_000_000

    private mutating func hold(_ text: String, of subject: UInt64) {
        Array(text.utf8).withUnsafeBytes { pacer.hold($0, of: subject) }
    }

    private mutating func next(_ now: UInt64, limit: Int = limit) -> String? {
        pacer.next(&window, now: now, limit: limit).map { $0.withBytes { String(decoding: $0, as: UTF8.self) } }
    }

    @Test("The thousandth goes at once, the one beyond it when the minute lets it")
    mutating func edge() {
        let start = Self.minute
        for number in 1...1000 {
            hold("\(number)", of: 7)
            #expect(next(start) == "\(number)")
        }
        hold("1001", of: 7)
        #expect(next(start) == nil && !pacer.isEmpty)
        let wait = window.wait(now: start, limit: Self.limit)
        #expect(wait > 0 && wait <= Self.minute + 1_000_000)
        #expect(next(start + wait) == "1001" && pacer.isEmpty)
    }

    @Test("Of those that wait, the newest of each device goes, in the order of the first ones")
    mutating func newest() {
        for number in 1...1000 {
            hold("\(number)", of: 1)
            _ = next(Self.minute)
        }
        for round in 1...3 {
            for device in [5, 3, 4] as [UInt64] { hold("\(device) \(round)", of: device) }
        }
        #expect(pacer.count == 3 && next(Self.minute) == nil)
        let later = 3 * Self.minute
        #expect([next(later), next(later), next(later), next(later)] == ["5 3", "3 3", "4 3", nil])
        hold("again", of: 3)
        #expect(next(later) == "again")
    }

    @Test("No window of a minute has more than the limit, however many wait")
    mutating func rate() {
        var sent: [UInt64] = []
        for step in 0..<2400 as Range<UInt64> {
            let now = Self.minute + step * 100_000_000
            for device in 0..<50 as Range<UInt64> { hold("x", of: device) }
            while next(now) != nil { sent.append(now) }
        }
        #expect(sent.count > 3 * Self.limit, "it goes on")
        for (place, time) in sent.enumerated() where place >= Self.limit + 20 {
            // Two buckets are as exact as this.
            #expect(time - sent[place - Self.limit - 20] >= Self.minute)
        }
    }

    @Test("Two that share a client's window have no more together than one")
    mutating func shared() {
        var other = MetricsPacer()
        for number in 1...500 {
            hold("\(number)", of: 1)
            #expect(next(Self.minute) != nil)
            Array("x".utf8).withUnsafeBytes { other.hold($0, of: 1) }
            #expect(other.next(&window, now: Self.minute, limit: Self.limit) != nil)
        }
        hold("501", of: 1)
        Array("x".utf8).withUnsafeBytes { other.hold($0, of: 1) }
        #expect(next(Self.minute) == nil)
        #expect(other.next(&window, now: Self.minute, limit: Self.limit) == nil)
    }

    @Test("So many devices wait at most, and the first of them goes without a word")
    mutating func bound() {
        for device in 0...UInt64(Limits.eyenetWaitingDevices) { hold("\(device)", of: device) }
        #expect(pacer.count == Limits.eyenetWaitingDevices)
        #expect(next(Self.minute) == "1")
        #expect(next(Self.minute, limit: 0) == "2")
    }
}
