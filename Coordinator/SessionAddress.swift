internal import Fanout
internal import Grid

/// Where a session lives: the meaning of ``SessionID/bits`` on this coordinator.
///
/// From the top: 8 bits of loop, 2 bits of framing, 22 bits of slot in that loop's table, 32 bits of the slot's
/// generation.
struct SessionAddress {
    var loop: Int
    /// How room events are framed for the session; agreed upon before it is opened, and never changed.
    var framing: Framing
    var slot: UInt32
    var generation: UInt32

    /// The loop number of requests that come from inside the process.
    static let insideLoop = 255

    init(loop: Int, framing: Framing = .webSocket, slot: UInt32, generation: UInt32) {
        precondition(loop <= Self.insideLoop && slot < 1 << 22, "a session address does not fit its bits")
        self.loop = loop
        self.framing = framing
        self.slot = slot
        self.generation = generation
    }

    init(_ id: SessionID) {
        loop = Int(id.bits >> 56)
        guard let framing = Framing(rawValue: UInt8(truncatingIfNeeded: id.bits >> Self.framingShift) & 0b11) else {
            preconditionFailure("a session that is not of this coordinator")
        }
        self.framing = framing
        slot = UInt32(truncatingIfNeeded: id.bits >> 32) & 0x3F_FFFF
        generation = UInt32(truncatingIfNeeded: id.bits)
    }

    var id: SessionID {
        let framed = UInt64(framing.rawValue) << Self.framingShift
        return SessionID(bits: UInt64(loop) << 56 | framed | UInt64(slot) << 32 | UInt64(generation))
    }

    private static let framingShift: UInt64 = 54
}
