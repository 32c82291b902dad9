internal import Fanout
internal import Grid
internal import Wire

/// Where a session lives and what it speaks: the meaning of ``SessionID/bits`` on this coordinator.
///
/// From the top: 7 bits of loop, 2 bits of framing, 3 bits of dialect, 20 bits of slot in that loop's table, 32 bits of
/// the slot's generation.
struct SessionAddress {
    var loop: Int
    /// How room events are framed for the session; agreed upon before it is opened, and never changed.
    var framing: Framing
    /// In what they are told to it; the same.
    var dialect: Dialect
    var slot: UInt32
    var generation: UInt32

    /// The loop number of requests that come from inside the process.
    static let insideLoop = 127
    /// Places in one loop's table.
    static let slots = 1 << 20

    init(
        loop: Int, framing: Framing = .webSocket, dialect: Dialect = .native, slot: UInt32, generation: UInt32
    ) {
        precondition(loop <= Self.insideLoop && slot < Self.slots, "a session address does not fit its bits")
        self.loop = loop
        self.framing = framing
        self.dialect = dialect
        self.slot = slot
        self.generation = generation
    }

    init(_ id: SessionID) {
        loop = Int(id.bits >> Self.loopShift)
        let (framed, spoken) = (id.bits >> Self.framingShift & 0b11, id.bits >> Self.dialectShift & 0b111)
        guard let framing = Framing(rawValue: UInt8(framed)), let dialect = Dialect(rawValue: UInt8(spoken)) else {
            preconditionFailure("a session that is not of this coordinator")
        }
        self.framing = framing
        self.dialect = dialect
        slot = UInt32(truncatingIfNeeded: id.bits >> 32) & UInt32(Self.slots - 1)
        generation = UInt32(truncatingIfNeeded: id.bits)
    }

    var id: SessionID {
        let kind = UInt64(framing.rawValue) << Self.framingShift | UInt64(dialect.rawValue) << Self.dialectShift
        return SessionID(bits: UInt64(loop) << Self.loopShift | kind | UInt64(slot) << 32 | UInt64(generation))
    }

    private static let loopShift: UInt64 = 57
    private static let framingShift: UInt64 = 55
    private static let dialectShift: UInt64 = 52
}
