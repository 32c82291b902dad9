import Fanout
import Grid
import Testing

@testable import neurogrid_coordinator

@Suite struct SessionAddressTests {
    @Test(arguments: [0, 1, 63, 254, SessionAddress.insideLoop], [0, 1, 0x3F_FFFF] as [UInt32])
    func comesBackWhole(loop: Int, slot: UInt32) {
        for generation in [0, 1, 0x8000_0000, UInt32.max] {
            for framing in Framing.allCases {
                let address = SessionAddress(loop: loop, framing: framing, slot: slot, generation: generation)
                let back = SessionAddress(address.id)
                #expect(back.loop == loop)
                #expect(back.framing == framing)
                #expect(back.slot == slot)
                #expect(back.generation == generation)
            }
        }
    }

    @Test func differentPlacesHaveDifferentNames() {
        let ids = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 1, 0)].map { place in
            SessionAddress(loop: place.0, slot: UInt32(place.1), generation: UInt32(place.2)).id
        }
        #expect(Set(ids).count == ids.count)
    }
}
