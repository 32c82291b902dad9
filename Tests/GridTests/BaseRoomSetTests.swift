import Testing

@testable import Grid

@Suite("Base room set")
struct BaseRoomSetTests {
    @Test("every subset comes back whole, ascending, and from its bits")
    func subsets() {
        for bits in UInt16(0)..<(1 << UInt16(BaseRoomSet.bitCount)) {
            let rooms = BaseRoom.allCases.filter { bits & (1 << UInt16($0.rawValue)) != 0 }
            var set = BaseRoomSet(rooms.reversed())
            #expect(set.rooms == rooms && set.bits == bits && set == BaseRoomSet(bits: bits))
            #expect(set.isEmpty == rooms.isEmpty)
            if let first = rooms.first {
                set.remove(first)
                #expect(set.rooms == Array(rooms.dropFirst()) && !set.contains(first))
            }
            #expect(set.takeAll() == Array(rooms.dropFirst()) && set.isEmpty)
        }
    }
}
