import Grid
import Testing

@testable import Fanout

@Suite("Stream class")
struct StreamClassTests {
    private func looks(_ nodes: UInt32, _ general: UInt32, from offset: UInt64 = 0) -> [StreamLook] {
        let from = LogPosition(epoch: 1, offset: offset)
        return [
            StreamLook(room: .nodes, view: ViewID(index: nodes), from: from),
            StreamLook(room: .general, view: ViewID(index: general), from: from),
        ]
    }

    private func stream() -> StreamClass {
        StreamClass(key: StreamKey(rooms: BaseRoomSet([.nodes, .general])), loops: 2)
    }

    private func views(_ numbers: UInt32...) -> [ViewID] { numbers.map { ViewID(index: $0) } }

    @Test("sessions that look the same way share a composite, and the last one frees it")
    func interning() {
        let stream = stream()
        let first = stream.enter(looks(0, 5), loop: 0)
        #expect(stream.enter(looks(0, 5), loop: 1) == first)
        let second = stream.enter(looks(0, 6), loop: 1)
        #expect(second != first && stream.compositeCount == 2)
        #expect(stream.sessionsPerLoop == [1, 2] && stream.sessions == 3)
        stream.leave(first, loop: 0)
        stream.leave(first, loop: 1)
        #expect(stream.compositeCount == 1)
        #expect(stream.note(StreamBench.event(.nodes, 1), views: views(0)) == [second])
        #expect(stream.enter(looks(9, 9), loop: 0) == first, "a freed number")
        #expect(stream.note(StreamBench.event(.nodes, 2), views: views(0, 9)) == [first, second].sorted())
    }

    @Test("a number is a view of its own room alone")
    func rooms() {
        let stream = stream()
        let composite = stream.enter(looks(3, 4), loop: 0)
        #expect(stream.note(StreamBench.event(.nodes, 1), views: views(4)).isEmpty)
        #expect(stream.note(StreamBench.event(.general, 1), views: views(3)).isEmpty)
        #expect(stream.note(StreamBench.event(.general, 2), views: views(4)) == [composite])
    }

    @Test("positions follow what is published, whoever sees it, and begin anew where nobody listened")
    func positions() {
        let stream = stream()
        let composite = stream.enter(looks(0, 0, from: 10), loop: 0)
        _ = stream.note(StreamBench.event(.nodes, 11), views: views(7))
        #expect(stream.positions.map(\.position.offset) == [11, 10])
        let other = stream.enter(looks(1, 1, from: 12), loop: 0)
        #expect(stream.positions.map(\.position.offset) == [12, 12], "unmatched events are not published")
        _ = stream.enter(looks(1, 1, from: 5), loop: 0)
        #expect(stream.positions.map(\.position.offset) == [12, 12], "never back")
        for view in [composite, other, other] { stream.leave(view, loop: 0) }
        _ = stream.enter(looks(1, 1, from: 40), loop: 0)
        #expect(stream.positions.map(\.position.offset) == [40, 40])
    }

    @Test("numbers of stream classes follow those of the others, each its own")
    func numbers() {
        var seen: Set<Int> = []
        for bits in UInt16(1)..<(1 << UInt16(BaseRoomSet.bitCount)) {
            let index = StreamKey(rooms: BaseRoomSet(bits: bits)).index
            #expect(index > ClassKey.count && index < StreamKey.endIndex && seen.insert(index).inserted)
            #expect(ClassKey.room(ofIndex: index) == nil)
        }
    }
}
