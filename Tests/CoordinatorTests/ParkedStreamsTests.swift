import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

@Suite struct ParkedStreamsTests {
    private let session = SessionID(bits: 1)

    private func publication(_ offset: UInt64, views: [UInt32]) -> Publication {
        let event = NodeStatusChanged(
            node: NodeID(UUID128(high: 1, low: 2)), status: .online, previous: nil, currentTask: nil,
            updatedAt: Timestamp(milliseconds: 0), sample: nil,
            health: Health(score: nil, coveragePercent: 0, reasons: []))
        let logged = LoggedEvent(
            position: LogPosition(epoch: 1, offset: offset), at: Timestamp(milliseconds: 0), facts: EventFacts(),
            event: .nodeStatus(event))
        return Publication(event: logged, views: views.map { ViewID(index: $0) })
    }

    private func look(_ room: BaseRoom) -> StreamLook {
        StreamLook(room: room, view: ViewID(index: 3), from: LogPosition(epoch: 1, offset: 10))
    }

    @Test func keepsWhatItsViewsLetThroughBehindItsPlace() {
        var parked = ParkedStreams()
        parked.note(publication(9, views: [3]))
        parked.park(session, [look(.nodes), look(.general)])
        for (offset, view) in [(10, 3), (11, 3), (12, 4), (13, 3)] as [(UInt64, UInt32)] {
            parked.note(publication(offset, views: [0, view]))
        }
        let missed = parked.release(session)
        #expect(missed?.events.map(\.position.offset) == [11, 13] && missed?.isTooMuch == false)
        #expect(parked.release(session) == nil)
    }

    @Test func standsBehindWhatItMissed() {
        var parked = ParkedStreams()
        let looks = [look(.nodes), look(.general)]
        parked.park(session, looks)
        for offset in UInt64(11)...13 { parked.note(publication(offset, views: [3])) }
        let behind = parked.release(session)?.behind(looks)
        #expect(behind?.map(\.from.offset) == [13, 10])
    }

    @Test func aViewOfThatNumberInAnotherRoomIsAnother() {
        var parked = ParkedStreams()
        parked.park(session, [look(.general)])
        parked.note(publication(11, views: [3]))
        #expect(parked.release(session)?.events.isEmpty == true)
    }

    @Test func keepsNoMoreThanItMay() {
        var parked = ParkedStreams()
        parked.park(session, [look(.nodes)])
        for offset in UInt64(11)...5000 { parked.note(publication(offset, views: [3])) }
        let missed = parked.release(session)
        #expect(missed?.isTooMuch == true && missed?.events.isEmpty == true)
    }
}
