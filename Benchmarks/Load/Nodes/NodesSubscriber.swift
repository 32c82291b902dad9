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

    /// Reads an event without parsing it: the offset behind its key near the start, the uptime at the very end.
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
        // …"uptime":123}}}
        var place = bytes.count - 4
        var weight: UInt64 = 1
        while place > 0, bytes[place] &- 48 < 10 {
            sentAt = sentAt &+ UInt64(bytes[place] &- 48) &* weight
            weight = weight &* 10
            place -= 1
        }
        guard bytes[place] == UInt8(ascii: ":"), bytes[bytes.count - 1] == UInt8(ascii: "}") else { return nil }
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
