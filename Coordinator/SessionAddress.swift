internal import Fanout
internal import Grid

/// Where a session lives: the meaning of ``SessionID/bits`` on this coordinator.
///
/// From the top: 8 bits of loop, 1 bit of framing, 23 bits of slot in that loop's table, 32 bits of the slot's
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
        precondition(loop <= Self.insideLoop && slot < 1 << 23, "a session address does not fit its bits")
        self.loop = loop
        self.framing = framing
        self.slot = slot
        self.generation = generation
    }

    init(_ id: SessionID) {
        loop = Int(id.bits >> 56)
        framing = id.bits & Self.deflateBit == 0 ? .webSocket : .webSocketDeflate
        slot = UInt32(truncatingIfNeeded: id.bits >> 32) & 0x7F_FFFF
        generation = UInt32(truncatingIfNeeded: id.bits)
    }

    var id: SessionID {
        let framed = framing == .webSocketDeflate ? Self.deflateBit : 0
        return SessionID(bits: UInt64(loop) << 56 | framed | UInt64(slot) << 32 | UInt64(generation))
    }

    private static let deflateBit: UInt64 = 1 << 55
}
