import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Stream id")
struct StreamIDTests {
    private func text(_ positions: [RoomPosition]) -> String {
        var buffer = ByteBuffer()
        StreamID.append(positions, into: &buffer)
        return buffer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("is the rooms with offset and epoch, as documented")
    func form() {
        let positions = [
            RoomPosition(room: .nodes, position: LogPosition(epoch: 2_251_799_813_685_248, offset: 41)),
            RoomPosition(room: .userUpdates, position: LogPosition(epoch: 7, offset: 0)),
        ]
        #expect(text(positions) == "nodes=41@2251799813685248,user_updates=0@7")
        #expect(StreamID.positions(text(positions)) == positions)
        #expect(StreamID.positions("general=1@2,nodes=3@4")?.map(\.room) == [.general, .nodes], "in any order")
    }

    @Test("every set of rooms comes back")
    func sets() {
        for bits in UInt16(1)..<(1 << UInt16(BaseRoomSet.bitCount)) {
            // What only channels say no stream has.
            guard !BaseRoomSet(bits: bits).contains(.channels) else { continue }
            let positions = BaseRoomSet(bits: bits).rooms.map { room in
                RoomPosition(room: room, position: LogPosition(epoch: .max - UInt64(bits), offset: UInt64(bits) << 40))
            }
            #expect(StreamID.positions(text(positions)) == positions)
        }
    }

    @Test(
        "anything else is none",
        arguments: [
            "", ",", "nodes", "nodes=", "nodes=1", "nodes=1@", "nodes=@1", "nodes=1@2,", "nodes=1@2,nodes=3@4", "x=1@2",
            "nodes=+1@2", "nodes=-1@2", "nodes=1@2@3", "nodes==1@2", " nodes=1@2", "nodes=1@2 ", "node:x=1@2",
            "nodes=18446744073709551616@1", "nodes=١@1", "1234",
        ])
    func refused(text: String) {
        #expect(StreamID.positions(text) == nil)
    }
}
