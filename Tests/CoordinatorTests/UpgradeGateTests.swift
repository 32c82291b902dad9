import Grid
import Testing

@testable import neurogrid_coordinator

@Suite("Upgrade gate")
struct UpgradeGateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("a burst passes at once, then as many a second as are allowed")
    func bucket() {
        var gate = UpgradeGate(perSecond: 10, handshakes: 0)
        let start = 7 * Self.second
        #expect((0..<80).filter { _ in gate.take(agent: false, now: start) }.count == 50)
        #expect((0..<80).filter { _ in gate.take(agent: false, now: start + Self.second) }.count == 10)
        let isEarly = gate.take(agent: false, now: start + Self.second + 99_999_999)
        let isOnTime = gate.take(agent: false, now: start + Self.second + 100_000_000)
        #expect(!isEarly && isOnTime)
        // However long it was quiet, no more than a burst.
        #expect((0..<80).filter { _ in gate.take(agent: false, now: start + 900_000 * Self.second) }.count == 50)
    }

    @Test("a clock that stands still or goes back gives nothing away")
    func clock() {
        var gate = UpgradeGate(perSecond: 1, handshakes: 0)
        #expect((0..<9).filter { _ in gate.take(agent: false, now: 100 * Self.second) }.count == 5)
        let isBack = gate.take(agent: false, now: 50 * Self.second)
        #expect(!isBack)
    }

    @Test("only so many agents are on their way at once; clients and settled agents do not count")
    func handshakes() {
        var gate = UpgradeGate(perSecond: 0, handshakes: 3)
        #expect((0..<9).filter { _ in gate.take(agent: true, now: 1) }.count == 3)
        let isClientIn = gate.take(agent: false, now: 2)
        gate.agentSettled()
        #expect(isClientIn)
        #expect((0..<9).filter { _ in gate.take(agent: true, now: 2) }.count == 1)
        #expect(gate.agentsInHandshake == 3)
    }

    @Test("without limits everybody passes")
    func unlimited() {
        var gate = UpgradeGate(perSecond: 0, handshakes: 0)
        #expect((0..<10_000).allSatisfy { gate.take(agent: $0 % 2 == 0, now: UInt64($0)) })
    }

    @Test("who is sent away comes back at different moments, within the bounds that agents know")
    func delays() {
        let delays = (0..<500).map { _ in RetryDelay.milliseconds() }
        #expect(delays.allSatisfy { (1000...UInt64(Limits.reconnectCapMilliseconds)).contains($0) })
        #expect(Set(delays).count > 100)
        #expect((0..<500).allSatisfy { _ in (1...5).contains(RetryDelay.seconds()) })
    }
}

extension UpgradeGate {
    /// Asks, and counts where the answer is yes.
    fileprivate mutating func take(agent: Bool, now: UInt64) -> Bool {
        guard hasRoom(agent: agent, now: now) else { return false }
        begin(agent: agent)
        return true
    }
}
