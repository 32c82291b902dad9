import Reactor
import Testing

@testable import neurogrid_coordinator

@Suite struct ConnectionLimiterTests {
    private static let start: UInt64 = 1_000_000_000
    private let host = PeerAddress(ipv4: 0x0A00_0001, port: 1).withoutPort
    private let other = PeerAddress(ipv4: 0x0A00_0002, port: 1).withoutPort

    @Test func theEleventhOfAMinuteIsRefused() {
        let limiter = ConnectionLimiter(perMinute: 10, concurrent: 0)
        for _ in 0..<10 {
            #expect(limiter.admit(host, now: Self.start).isAllowed)
            limiter.release(host)
        }
        guard case .tooFrequent(let seconds) = limiter.admit(host, now: Self.start) else {
            Issue.record("the eleventh was admitted")
            return
        }
        #expect((1...61).contains(seconds))
        #expect(limiter.admit(other, now: Self.start).isAllowed)
        #expect(limiter.admit(host, now: Self.start + UInt64(seconds) * 1_000_000_000).isAllowed)
    }

    @Test func anEndMakesRoomForAnother() {
        let limiter = ConnectionLimiter(perMinute: 0, concurrent: 2)
        #expect(limiter.admit(host, now: Self.start).isAllowed)
        #expect(limiter.admit(host, now: Self.start).isAllowed)
        guard case .tooMany = limiter.admit(host, now: Self.start) else {
            Issue.record("the third was admitted")
            return
        }
        limiter.release(host)
        #expect(limiter.admit(host, now: Self.start).isAllowed)
    }

    @Test func noLimitAdmitsAll() {
        let limiter = ConnectionLimiter(perMinute: 0, concurrent: 0)
        for _ in 0..<1000 { #expect(limiter.admit(host, now: Self.start).isAllowed) }
        limiter.release(host)
    }

    @Test func aFloodOfAddressesForgetsOnlyIdleOnes() {
        let limiter = ConnectionLimiter(perMinute: 1, concurrent: 1)
        #expect(limiter.admit(host, now: Self.start).isAllowed)
        for number in 0..<10_050 {
            let address = PeerAddress(ipv4: 0x0B00_0000 + UInt32(number), port: 9).withoutPort
            _ = limiter.admit(address, now: Self.start)
            limiter.release(address)
        }
        guard case .tooMany = limiter.admit(host, now: Self.start + 600_000_000_000) else {
            Issue.record("an open session was forgotten")
            return
        }
    }

    @Test func onlyFailedHandshakesCountAgainstAgents() {
        let limiter = HandshakeLimiter(perMinute: 3)
        #expect(limiter.retryAfterSeconds(host, now: Self.start) == nil)
        for _ in 0..<3 {
            #expect(limiter.retryAfterSeconds(host, now: Self.start) == nil)
            limiter.failed(host, now: Self.start)
        }
        let seconds = limiter.retryAfterSeconds(host, now: Self.start)
        #expect((1...61).contains(seconds ?? 0))
        #expect(limiter.retryAfterSeconds(other, now: Self.start) == nil)
        #expect(limiter.retryAfterSeconds(host, now: Self.start + 62_000_000_000) == nil)
        let unlimited = HandshakeLimiter(perMinute: 0)
        for _ in 0..<100 { unlimited.failed(host, now: Self.start) }
        #expect(unlimited.retryAfterSeconds(host, now: Self.start) == nil)
    }
}

extension ConnectionLimiter.Verdict {
    fileprivate var isAllowed: Bool { if case .allowed = self { true } else { false } }
}
