/// The loop's table of channels. An event names a slot and a generation; a stale one finds nothing.
///
/// Generations come from one counter of the loop, so a reused slot never repeats one before 2³² adoptions.
struct Slots {
    private var entries: UnsafeMutablePointer<Unmanaged<Channel>?>
    private var capacity: Int
    /// Slots below this number have been used at least once.
    private var used = 0
    private var free: ContiguousArray<UInt32> = []
    private var nextGeneration: UInt32 = 1
    /// Channels in the table.
    private(set) var count = 0

    init() {
        capacity = 64
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: nil, count: capacity)
    }

    /// Frees the table's memory; the table must be empty.
    mutating func deallocate() {
        precondition(count == 0, "a table with channels was freed")
        entries.deallocate()
        capacity = 0
        used = 0
    }

    /// Takes a reference to the channel and gives it its place.
    mutating func insert(_ channel: Channel) -> (slot: UInt32, generation: UInt32) {
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
        } else {
            if used == capacity { grow() }
            slot = UInt32(used)
            used += 1
        }
        let generation = nextGeneration
        nextGeneration = nextGeneration == .max ? 1 : nextGeneration + 1
        entries[Int(slot)] = Unmanaged.passRetained(channel)
        count += 1
        return (slot, generation)
    }

    /// Gives up the reference and the place.
    mutating func remove(_ slot: UInt32) {
        guard let entry = entries[Int(slot)] else { preconditionFailure("an empty slot was removed") }
        entries[Int(slot)] = nil
        free.append(slot)
        count -= 1
        entry.release()
    }

    /// Puts another channel in an occupied place.
    mutating func replace(_ slot: UInt32, with channel: Channel) {
        guard let entry = entries[Int(slot)] else { preconditionFailure("an empty slot was replaced") }
        entries[Int(slot)] = Unmanaged.passRetained(channel)
        entry.release()
    }

    /// The channel in `slot` if it is still the one of `generation`.
    @inline(__always)
    func channel(_ slot: UInt32, _ generation: UInt32) -> Channel? {
        guard Int(slot) < used, let entry = entries[Int(slot)] else { return nil }
        let channel = entry.takeUnretainedValue()
        return channel.generation == generation ? channel : nil
    }

    /// The channel in `slot`, whatever its generation.
    func channel(in slot: UInt32) -> Channel? {
        Int(slot) < used ? entries[Int(slot)]?.takeUnretainedValue() : nil
    }

    /// Every channel, at this moment.
    var all: [Channel] { (0..<used).compactMap { entries[$0]?.takeUnretainedValue() } }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Unmanaged<Channel>?>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: entries, count: capacity)
        (larger + capacity).initialize(repeating: nil, count: capacity)
        entries.deallocate()
        entries = larger
        capacity *= 2
    }
}
