internal import Grid

/// Where a session lives: the meaning of ``SessionID/bits`` on this coordinator.
///
/// From the top: 8 bits of loop, 24 bits of slot in that loop's table, 32 bits of the slot's generation.
struct SessionAddress {
    var loop: Int
    var slot: UInt32
    var generation: UInt32

    /// Loops that fit the address.
    static let loopLimit = 255
    /// The loop number of requests that come from inside the process.
    static let insideLoop = 255

    init(loop: Int, slot: UInt32, generation: UInt32) {
        precondition(loop <= Self.insideLoop && slot < 1 << 24, "a session address does not fit its bits")
        self.loop = loop
        self.slot = slot
        self.generation = generation
    }

    init(_ id: SessionID) {
        loop = Int(id.bits >> 56)
        slot = UInt32(truncatingIfNeeded: id.bits >> 32) & 0xFF_FFFF
        generation = UInt32(truncatingIfNeeded: id.bits)
    }

    var id: SessionID { SessionID(bits: UInt64(loop) << 56 | UInt64(slot) << 32 | UInt64(generation)) }
}
