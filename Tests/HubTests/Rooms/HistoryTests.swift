import Grid
import Testing

@testable import Hub

@Suite("History")
struct HistoryTests {
    func event(_ number: UInt64) -> RoomEvent {
        .nodeStatus(
            NodeStatusChanged(
                node: .test(number), status: .online, previous: nil, currentTask: nil,
                updatedAt: Timestamp(milliseconds: 0), sample: nil, health: .unknown))
    }

    @Test("Offsets begin at 1 and have no holes; only the newest events are kept")
    func ring() {
        var log = History(epoch: 9, capacity: 3)
        #expect(log.end == LogPosition(epoch: 9, offset: 0) && log.kept.isEmpty)
        for number in UInt64(1)...8 {
            #expect(log.append(event(number), EventFacts()).position == LogPosition(epoch: 9, offset: number))
            #expect(log.kept == max(1, number >= 3 ? number - 2 : 1)..<number + 1)
            for offset in UInt64(0)...9 {
                #expect(log[offset]?.event == (log.kept.contains(offset) ? event(offset) : nil))
            }
        }
    }

    @Test("Complete is only the log's very end, of the same epoch, with nothing left out since")
    func completeness() {
        var log = History(epoch: 9, capacity: 3)
        #expect(log.isComplete(since: log.end))
        _ = log.append(event(1), EventFacts())
        #expect(log.isComplete(since: log.end))
        #expect(!log.isComplete(since: LogPosition(epoch: 9, offset: 0)))
        #expect(!log.isComplete(since: LogPosition(epoch: 9, offset: 2)))
        #expect(!log.isComplete(since: LogPosition(epoch: 8, offset: 1)))
        log.noteUnlogged()
        #expect(!log.isComplete(since: log.end))
        _ = log.append(event(2), EventFacts())
        #expect(log.isComplete(since: log.end))
    }
}
