import Grid
import Testing

@testable import neurogrid_coordinator

@Suite struct AwaitedReplaysTests {
    @Test func everyRoomIsTakenOnce() {
        var awaited = AwaitedReplays()
        #expect(awaited.isEmpty)
        for room in BaseRoom.allCases {
            awaited.insert(room)
            awaited.insert(room)
            #expect(!awaited.isEmpty)
            let taken = awaited.takeAll()
            #expect(taken == [room] && awaited.isEmpty)
        }
        for room in BaseRoom.allCases.reversed() { awaited.insert(room) }
        let taken = awaited.takeAll()
        #expect(taken == BaseRoom.allCases)
    }
}
