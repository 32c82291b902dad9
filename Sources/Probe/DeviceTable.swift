import Glibc

/// Devices by name, in the order in which the kernel lists them: finding the next one costs one comparison.
struct DeviceTable<State> {
    private struct Entry {
        let name: [UInt8]
        var state: State
        var turn: UInt32
    }

    private var entries: [Entry] = []
    private var turn: UInt32 = 0
    private var cursor = 0

    var count: Int { entries.count }

    /// Starts a walk over the kernel's list.
    mutating func beginTurn() {
        turn &+= 1
        cursor = 0
    }

    /// The place of that device, marked as seen in this turn; `nil` when it is new.
    mutating func find(_ name: UnsafeRawBufferPointer) -> Int? {
        for step in 0..<entries.count {
            let index = (cursor + step) % entries.count
            guard Self.equal(entries[index].name, name) else { continue }
            entries[index].turn = turn
            cursor = index + 1
            return index
        }
        return nil
    }

    private static func equal(_ known: [UInt8], _ name: UnsafeRawBufferPointer) -> Bool {
        guard known.count == name.count, let address = name.baseAddress else { return false }
        return memcmp(known, address, known.count) == 0
    }

    /// Adds a device, seen in this turn.
    mutating func insert(_ name: UnsafeRawBufferPointer, _ state: State) -> Int {
        let index = min(cursor, entries.count)
        entries.insert(Entry(name: [UInt8](name), state: state, turn: turn), at: index)
        cursor = index + 1
        return index
    }

    /// Ends a walk: devices that the kernel no longer lists are forgotten, and start anew if they return.
    mutating func endTurn() { entries.removeAll { $0.turn != turn } }

    mutating func removeAll() { entries.removeAll() }

    subscript(index: Int) -> State {
        get { entries[index].state }
        set { entries[index].state = newValue }
    }

    func name(at index: Int) -> String { String(decoding: entries[index].name, as: UTF8.self) }
}
