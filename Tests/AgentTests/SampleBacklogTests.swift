import Bytes
import Testing

@testable import neurogrid_agent

@Suite struct SampleBacklogTests {
    private static let second: UInt64 = 1_000_000_000

    private func frame(_ number: UInt64) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.append(decimal: number)
        return buffer
    }

    private func fill(_ backlog: inout SampleBacklog, _ numbers: ClosedRange<UInt64>) {
        for number in numbers { backlog.append(sequence: number, frame: frame(number), now: number * Self.second) }
    }

    /// What goes out when the link takes at most so many.
    private func send(_ backlog: inout SampleBacklog, atMost limit: Int = .max) -> [String] {
        var sent: [String] = []
        backlog.sendPending { frame in
            guard sent.count < limit else { return false }
            sent.append(frame.text)
            return true
        }
        return sent
    }

    @Test func anAckTellsWhenItsNewestSampleWasTaken() {
        var backlog = SampleBacklog()
        fill(&backlog, 1...5)
        #expect(backlog.acknowledge(through: 3) == 3 * Self.second)
        #expect(backlog.acknowledge(through: 3) == nil)
        #expect(backlog.acknowledge(through: 9) == 5 * Self.second)
        #expect(backlog.acknowledge(through: 9) == nil)
    }

    @Test func goesOutOnceInOrder() {
        var backlog = SampleBacklog()
        fill(&backlog, 1...3)
        #expect(send(&backlog, atMost: 2) == ["1", "2"])
        fill(&backlog, 4...4)
        #expect(send(&backlog) == ["3", "4"])
        #expect(send(&backlog).isEmpty)
    }

    @Test func anAcknowledgementEndsTheKeeping() {
        var backlog = SampleBacklog()
        fill(&backlog, 1...5)
        _ = send(&backlog, atMost: 4)
        backlog.acknowledge(through: 3)
        #expect(backlog.count == 2)
        #expect(send(&backlog) == ["5"])
        // Even of what was never sent: another session may have brought it.
        fill(&backlog, 6...7)
        backlog.acknowledge(through: 6)
        #expect(send(&backlog) == ["7"])
        backlog.acknowledge(through: 2)
        #expect(backlog.count == 1)
        #expect(backlog.droppedCount == 0)
    }

    @Test func aNewSessionGetsAgainWhatWasNotAcknowledged() {
        var backlog = SampleBacklog()
        fill(&backlog, 1...5)
        _ = send(&backlog)
        backlog.rewind(acknowledged: 2)
        #expect(send(&backlog) == ["3", "4", "5"])
        // A coordinator that has forgotten everything.
        backlog.rewind(acknowledged: 0)
        #expect(send(&backlog) == ["3", "4", "5"])
    }

    @Test func ageBoundsTheMemory() {
        var backlog = SampleBacklog()
        fill(&backlog, 1...300)
        // The sixty seconds before the last one, and the last one itself.
        #expect(backlog.count == 61)
        #expect(backlog.droppedCount == 239)
        #expect(send(&backlog).first == "240")
        fill(&backlog, 301...301)
        #expect(send(&backlog) == ["301"])
    }

    @Test func whatWasGivenUpDoesNotMoveTheRest() {
        var backlog = SampleBacklog()
        fill(&backlog, 1...50)
        #expect(send(&backlog, atMost: 10).last == "10")
        fill(&backlog, 51...100)
        // 1 to 39 are gone, ten of them sent; the next to go is the first that is left.
        #expect(send(&backlog).first == "40")
    }
}
