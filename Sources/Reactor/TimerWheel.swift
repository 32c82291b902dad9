/// A hierarchical timer wheel: 8 levels of 64 buckets, each level with a bitmap, so that the next expiry is found by
/// counting zero bits and no tick is ever visited in vain.
///
/// Ticks count from the wheel's birth. An entry lies on the level of the highest 6-bit digit in which its tick differs
/// from the wheel's present; so every entry on a level expires before every entry on the levels above.
struct TimerWheel {
    /// A place in the wheel; -1 is none.
    typealias Entry = Int32
    static let none: Entry = -1

    private static let levels = 8
    private static let digitBits = 6
    /// The last tick the wheel can hold; later ones are kept there and must be inserted again when they come out.
    static let lastTick: UInt64 = (1 << 48) - 1

    private struct Node {
        var tick: UInt64
        var payload: UInt32
        var next: Entry
        var previous: Entry
        var bucket: Int16
    }

    private struct Bucket {
        var first: Entry = TimerWheel.none
        var last: Entry = TimerWheel.none
        /// The earliest tick inserted since the bucket was last empty; after a removal perhaps too early, never late.
        var earliest: UInt64 = .max
    }

    private var nodes: ContiguousArray<Node> = []
    private var freeHead: Entry = TimerWheel.none
    private var buckets: ContiguousArray<Bucket>
    private var occupied: ContiguousArray<UInt64>
    /// Every tick up to this one has been handled.
    private(set) var present: UInt64 = 0
    /// Entries in the wheel.
    private(set) var count = 0

    init() {
        buckets = ContiguousArray(repeating: Bucket(), count: Self.levels << Self.digitBits)
        occupied = ContiguousArray(repeating: 0, count: Self.levels)
    }

    /// Puts `payload` at `tick`; a tick that has passed becomes the next one.
    mutating func insert(_ payload: UInt32, at tick: UInt64) -> Entry {
        let entry: Entry
        if freeHead >= 0 {
            entry = freeHead
            freeHead = nodes[Int(entry)].next
        } else {
            entry = Entry(nodes.count)
            nodes.append(Node(tick: 0, payload: 0, next: Self.none, previous: Self.none, bucket: 0))
        }
        nodes[Int(entry)].payload = payload
        nodes[Int(entry)].tick = min(max(tick, present + 1), Self.lastTick)
        link(entry)
        count += 1
        return entry
    }

    /// Takes an entry out before its time.
    mutating func remove(_ entry: Entry) {
        unlink(entry)
        release(entry)
    }

    /// Moves an entry to another tick.
    mutating func move(_ entry: Entry, to tick: UInt64) {
        unlink(entry)
        nodes[Int(entry)].tick = min(max(tick, present + 1), Self.lastTick)
        link(entry)
    }

    /// The tick at which an entry comes out.
    func tick(of entry: Entry) -> UInt64 { nodes[Int(entry)].tick }

    /// The tick of the next entry, nil when the wheel is empty. After removals it may be too early, never too late.
    var nextTick: UInt64? {
        for level in 0..<Self.levels where occupied[level] != 0 {
            return buckets[level << Self.digitBits | occupied[level].trailingZeroBitCount].earliest
        }
        return nil
    }

    /// Takes out the next entry whose tick is not after `now` and answers its payload, in order of ticks;
    /// nil when there is none, and then the wheel's present is `now`.
    mutating func popExpired(now: UInt64) -> UInt32? {
        while let level = occupied.firstIndex(where: { $0 != 0 }) {
            let digit = UInt64(occupied[level].trailingZeroBitCount)
            let bucket = level << Self.digitBits | Int(digit)
            let start = startTick(level: level, digit: digit)
            if start > now { break }
            present = max(present, start)
            if level == 0 {
                let entry = buckets[bucket].first
                let payload = nodes[Int(entry)].payload
                unlink(entry)
                release(entry)
                return payload
            }
            cascade(bucket, level: level)
        }
        present = max(present, now)
        return nil
    }

    /// The first tick of a bucket, which lies ahead of the present and shares its higher digits.
    private func startTick(level: Int, digit: UInt64) -> UInt64 {
        let shift = UInt64(level * Self.digitBits)
        let above = present & ~((1 << (shift + UInt64(Self.digitBits))) - 1)
        return above | digit << shift
    }

    /// Spreads a bucket whose time has begun over the levels below.
    private mutating func cascade(_ bucket: Int, level: Int) {
        var entry = buckets[bucket].first
        buckets[bucket] = Bucket()
        occupied[level] &= ~(1 << UInt64(bucket & 63))
        while entry != Self.none {
            let next = nodes[Int(entry)].next
            link(entry)
            entry = next
        }
    }

    private mutating func link(_ entry: Entry) {
        let tick = nodes[Int(entry)].tick
        let difference = tick ^ present
        let level = difference == 0 ? 0 : (63 - difference.leadingZeroBitCount) / Self.digitBits
        let digit = Int(tick >> UInt64(level * Self.digitBits)) & 63
        let bucket = level << Self.digitBits | digit
        let last = buckets[bucket].last
        nodes[Int(entry)].bucket = Int16(bucket)
        nodes[Int(entry)].previous = last
        nodes[Int(entry)].next = Self.none
        if last == Self.none {
            buckets[bucket].first = entry
            occupied[level] |= 1 << UInt64(digit)
        } else {
            nodes[Int(last)].next = entry
        }
        buckets[bucket].last = entry
        buckets[bucket].earliest = min(buckets[bucket].earliest, tick)
    }

    private mutating func unlink(_ entry: Entry) {
        let node = nodes[Int(entry)]
        let bucket = Int(node.bucket)
        if node.previous == Self.none {
            buckets[bucket].first = node.next
        } else {
            nodes[Int(node.previous)].next = node.next
        }
        if node.next == Self.none {
            buckets[bucket].last = node.previous
        } else {
            nodes[Int(node.next)].previous = node.previous
        }
        if buckets[bucket].first == Self.none {
            buckets[bucket].earliest = .max
            occupied[bucket >> Self.digitBits] &= ~(1 << UInt64(bucket & 63))
        }
    }

    private mutating func release(_ entry: Entry) {
        nodes[Int(entry)].next = freeHead
        freeHead = entry
        count -= 1
    }
}
