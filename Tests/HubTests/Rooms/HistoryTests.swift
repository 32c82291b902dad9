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

    func log(events: Int = 1000, bytes: Int = 1 << 30, age: Int64 = 1_000_000) -> History {
        var bounds = HistoryBounds()
        bounds.events = events
        bounds.bytes = bytes
        bounds.ageMilliseconds = age
        return History(epoch: 9, bounds: bounds)
    }

    let start = Timestamp(milliseconds: 1_000_000_000_000)

    @Test("Offsets begin at 1 and have no holes; only the newest events are kept", arguments: [1, 3, 16, 17, 40])
    func count(_ kept: Int) {
        var log = log(events: kept)
        #expect(log.end == LogPosition(epoch: 9, offset: 0) && log.count == 0 && log[0] == nil && log[1] == nil)
        for number in UInt64(1)...100 {
            let logged = log.append(event(number), EventFacts(), at: start)
            #expect(logged.position == LogPosition(epoch: 9, offset: number))
            #expect(log.count == min(Int(number), kept) && log.trimmedThrough == number - UInt64(log.count))
            for offset in UInt64(0)...101 {
                let isKept = offset > log.trimmedThrough && offset <= number
                #expect(log[offset]?.event == (isKept ? event(offset) : nil))
            }
        }
    }

    @Test("The bytes of what is kept stay within their bound, but the newest event always stays")
    func bytes() {
        let size = event(1).approximateByteCount
        var log = log(bytes: 5 * size + size / 2)
        for number in UInt64(1)...50 { _ = log.append(event(number), EventFacts(), at: start) }
        #expect(log.count == 5 && log.byteCount == 5 * size)
        var tiny = self.log(bytes: 1)
        for number in UInt64(1)...50 { _ = tiny.append(event(number), EventFacts(), at: start) }
        #expect(tiny.count == 1 && tiny[50]?.event == event(50))
    }

    @Test("What is too old goes, at the next event or when time passes; offsets go on")
    func age() {
        var log = log(age: 1000)
        _ = log.append(event(1), EventFacts(), at: start)
        _ = log.append(event(2), EventFacts(), at: start.adding(milliseconds: 600))
        var isTrimmed = log.trim(at: start.adding(milliseconds: 1000))
        #expect(!isTrimmed && log.count == 2)
        _ = log.append(event(3), EventFacts(), at: start.adding(milliseconds: 1001))
        #expect(log.count == 2 && log.trimmedThrough == 1)
        isTrimmed = log.trim(at: start.adding(milliseconds: 10_000))
        #expect(isTrimmed && log.count == 0 && log.byteCount == 0)
        let next = log.append(event(4), EventFacts(), at: start)
        #expect(next.position.offset == 4)
        isTrimmed = log.trim(at: start.adding(milliseconds: -10_000))
        #expect(!isTrimmed, "a clock that steps back takes nothing")
    }

    @Test("A log that survived goes on where it was, within bounds that may be smaller now")
    func restored() {
        var log = log()
        for number in UInt64(1)...50 { _ = log.append(event(number), EventFacts(), at: start) }
        let events = (11...50).compactMap { log[UInt64($0)] }
        let stored = StoredLog(room: .general, epoch: 9, trimmedThrough: 10, events: events)
        var bounds = HistoryBounds()
        bounds.events = 20
        var again = History(stored, bounds: bounds)
        #expect(again.end.offset == 50 && again.trimmedThrough == 10 && again.byteCount == events.count * 512)
        let next = again.append(event(51), EventFacts(), at: start)
        #expect(next.position.offset == 51)
        #expect(again.trimmedThrough == 31 && again.count == 20)
        let empty = History(StoredLog(room: .general, epoch: 9, trimmedThrough: 7), bounds: bounds)
        #expect(empty.end.offset == 7 && empty[7] == nil)
    }

    @Test("A resume is whole where everything behind the position is kept; else the gap has its cause")
    func resumption() {
        var log = log(events: 5)
        func position(_ offset: UInt64) -> LogPosition { LogPosition(epoch: 9, offset: offset) }
        func expect(_ since: LogPosition, from: UInt64, _ cause: LogGap.Cause?, to: UInt64 = 0) {
            let gap = cause.map { LogGap(from: since, to: position(to), cause: $0) }
            let recovery = gap.map { Recovery.partial($0) } ?? .whole
            #expect(log.resumption(since: since) == History.Resumption(from: from, recovery: recovery))
        }
        expect(position(0), from: 0, nil)
        for number in UInt64(1)...8 { _ = log.append(event(number), EventFacts(), at: start) }
        expect(position(8), from: 8, nil)
        expect(position(3), from: 3, nil)
        expect(position(2), from: 3, .trimmed, to: 3)
        expect(position(0), from: 3, .trimmed, to: 3)
        expect(position(9), from: 8, .ahead, to: 8)
        expect(LogPosition(epoch: 8, offset: 8), from: 8, .epochChanged, to: 8)

        log.noteUnlogged()
        expect(position(8), from: 8, .unlogged, to: 8)
        expect(position(4), from: 4, .unlogged, to: 8)
        expect(position(1), from: 3, .trimmed, to: 8)
        _ = log.append(event(9), EventFacts(), at: start)
        expect(position(9), from: 9, nil)
        expect(position(8), from: 8, .unlogged, to: 8)
    }

    @Test("Positions of earlier starts stay good: what was told and not stored is behind them again")
    func formerEpochs() {
        var log = log()
        for number in UInt64(1)...8 { _ = log.append(event(number), EventFacts(), at: start) }
        var stored = StoredLog(
            room: .general, epoch: 9, trimmedThrough: 2, events: (3...8).compactMap { log[UInt64($0)] })
        stored.begin(epoch: 20)
        #expect(stored.formerEpochs == [EpochEnd(epoch: 9, lastOffset: 8)])
        #expect(stored.events.allSatisfy { $0.position.epoch == 20 })
        stored.begin(epoch: 30)
        var again = History(stored, bounds: HistoryBounds())
        #expect(again.end == LogPosition(epoch: 30, offset: 8))
        for number in UInt64(9)...12 { _ = again.append(event(number), EventFacts(), at: start) }
        func expect(_ epoch: UInt64, _ offset: UInt64, from: UInt64, _ cause: LogGap.Cause? = nil) {
            let resumption = again.resumption(since: LogPosition(epoch: epoch, offset: offset))
            #expect(resumption.from == from)
            switch resumption.recovery {
            case .whole: #expect(cause == nil)
            case .partial(let gap): #expect(gap.cause == cause)
            }
        }
        expect(9, 5, from: 5)
        expect(9, 8, from: 8)
        expect(9, 11, from: 8)
        expect(20, 9, from: 8)
        expect(30, 11, from: 11)
        expect(30, 13, from: 12, .ahead)
        expect(9, 1, from: 2, .trimmed)
        expect(10, 8, from: 12, .epochChanged)
    }

    @Test("So many of them are known")
    func formerEpochsAreBounded() {
        var stored = StoredLog(room: .general, epoch: 1)
        for epoch in UInt64(2)...100 { stored.begin(epoch: epoch) }
        #expect(stored.formerEpochs.map(\.epoch) == Array((100 - UInt64(Limits.formerEpochs))..<100))
    }
}
