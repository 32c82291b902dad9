import Grid
import Testing

@testable import neurogrid_coordinator

@Suite struct BaseRoomSetTests {
    @Test func everyRoomIsTakenOnce() {
        var rooms = BaseRoomSet()
        #expect(rooms.isEmpty)
        for room in BaseRoom.allCases {
            rooms.insert(room)
            rooms.insert(room)
        }
        #expect(!rooms.isEmpty)
        #expect(rooms.takeAll() == BaseRoom.allCases)
        #expect(rooms.isEmpty)
        #expect(rooms.takeAll().isEmpty)
    }

    @Test func oneRoomIsNotTheOthers() {
        for room in BaseRoom.allCases {
            var rooms = BaseRoomSet()
            rooms.insert(room)
            for other in BaseRoom.allCases { #expect(rooms.contains(other) == (other == room)) }
            rooms.remove(room)
            #expect(rooms.isEmpty)
        }
    }
}
