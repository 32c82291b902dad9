internal import Bytes
internal import Glibc
internal import Grid
internal import Reactor
internal import Wire

/// An event of the room `nodes`, as much of it as the run needs.
struct NodesEvent {
    var isMetrics: Bool
    var offset: UInt64
    /// What the agent put into its uptime: the monotonic clock at its send.
    var sentAt: UInt64

    /// Reads an event without parsing it: the offset behind its key near the start, the uptime near the end.
    /// `nil` for what is no event of the room, or readings without an uptime.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 64, let base = bytes.baseAddress, memcmp(base, #"{"type":"node_"#, 14) == 0 else {
            return nil
        }
        isMetrics = bytes[14] == UInt8(ascii: "m")
        // {"type":…,"room":…,"epoch":…,"offset":N: the fourth member.
        var position = 14
        var commas = 0
        while position < bytes.count, commas < 3 {
            if bytes[position] == UInt8(ascii: ",") { commas += 1 }
            position += 1
        }
        position += 9
        offset = 0
        while position < bytes.count, bytes[position] &- 48 < 10 {
            offset = offset &* 10 &+ UInt64(bytes[position] &- 48)
            position += 1
        }
        sentAt = 0
        guard isMetrics else { return }
        guard let uptime = Self.uptime(bytes) else { return nil }
        sentAt = uptime
    }

    /// How far from its end an event of readings has its uptime: behind it stand the hops only.
    private static let tailBytes = 256

    /// The number behind the last key `uptime`; `nil` where there is none.
    @inline(__always)
    private static func uptime(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        let key: StaticString = #""uptime":"#
        let length = key.utf8CodeUnitCount
        guard bytes.count > length, let base = bytes.baseAddress else { return nil }
        var place = bytes.count - length
        let first = max(0, place - tailBytes)
        while place >= first, memcmp(base + place, key.utf8Start, length) != 0 { place -= 1 }
        guard place >= first else { return nil }
        place += length
        var value: UInt64 = 0
        let digits = place
        while place < bytes.count, bytes[place] &- 48 < 10 {
            value = value &* 10 &+ UInt64(bytes[place] &- 48)
            place += 1
        }
        return place > digits ? value : nil
    }
}

/// An authenticated subscriber of the room `nodes`.
final class NodesSubscriber: RoomMember {
    private unowned let run: NodesRun
    /// The offset of the last event; 0 before the first.
    private var offset: UInt64 = 0
    /// Readings that came.
    private(set) var samples: UInt64 = 0
    /// Offsets that were left out: events that were published and did not come.
    private(set) var holes: UInt64 = 0
    private var now: UInt64 = 0

    init(fileDescriptor: Int32, crowd: Crowd, run: NodesRun) {
        self.run = run
        super.init(fileDescriptor: fileDescriptor, crowd: crowd, token: run.token)
    }

    override func readBegins() { now = Clock.monotonicNanoseconds() }

    override func event(_ bytes: UnsafeRawBufferPointer) {
        guard let event = NodesEvent(bytes) else { return run.sawAltered() }
        if event.offset <= offset {
            run.sawDuplicate()
        } else if offset != 0, event.offset > offset + 1 {
            holes += event.offset - offset - 1
        }
        offset = event.offset
        guard event.isMetrics else { return }
        samples += 1
        run.take(event, bytes: bytes.count, now: now)
    }
}
