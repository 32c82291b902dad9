import Fanout
import Grid
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite struct SessionAddressTests {
    @Test(arguments: [0, 1, 63, 126, SessionAddress.insideLoop], [0, 1, 0xF_FFFF] as [UInt32])
    func comesBackWhole(loop: Int, slot: UInt32) {
        for generation in [0, 1, 0x8000_0000, UInt32.max] {
            for (framing, dialect) in Framing.allCases.flatMap({ one in Dialect.allCases.map { (one, $0) } }) {
                let address = SessionAddress(
                    loop: loop, framing: framing, dialect: dialect, slot: slot, generation: generation)
                let back = SessionAddress(address.id)
                #expect(back.loop == loop)
                #expect(back.framing == framing)
                #expect(back.dialect == dialect)
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
        let dialects = Dialect.allCases.map { SessionAddress(loop: 0, dialect: $0, slot: 1, generation: 1).id }
        #expect(Set(dialects).count == dialects.count)
    }

    @Test func everyDialectAndFramingHasItsBits() {
        #expect(Dialect.allCases.allSatisfy { $0.rawValue < 1 << Dialect.bitCount && $0.rawValue < ViewID.audiences })
        #expect(Framing.allCases.allSatisfy { $0.rawValue < 4 })
    }
}
