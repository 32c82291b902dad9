public import Grid

/// A run of whole frames, written once by its log and read by every loop.
///
/// A segment is a window on its class's stream of bytes: its first byte stands at ``start``. The writer only
/// appends behind what it has announced, and a reader only looks before the end that a ``Delivery`` brought it
/// through a mailbox, whose lock orders the two; so nobody locks here. The memory goes when the last loop has let go.
public final class Segment: @unchecked Sendable {
    /// Where the segment's first byte stands in the stream.
    public let start: UInt64
    /// The bytes that fit.
    public let capacity: Int
    let base: UnsafeMutableRawPointer
    /// How many bytes are written; the writer's own.
    private(set) var written = 0

    init(start: UInt64, capacity: Int) {
        self.start = start
        self.capacity = capacity
        base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    }

    deinit { base.deallocate() }

    /// The room that is left.
    var spare: Int { capacity - written }

    /// Copies bytes behind the last ones. The caller has made sure that they fit.
    func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= spare, "a frame does not fit its segment")
        guard let source = bytes.baseAddress else { return }
        (base + written).copyMemory(from: source, byteCount: bytes.count)
        written += bytes.count
    }

    /// The bytes between two positions of the stream that lie in this segment.
    func bytes(from: UInt64, to: UInt64) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Int(from - start), count: Int(to - from))
    }
}

/// One event's frame, on its way to the loops.
public struct Delivery: Sendable {
    /// ``ClassKey/index`` or ``StreamKey/index`` of the class.
    public var classIndex: Int
    public var segment: Segment
    /// The frame's place in the class's stream.
    public var start: UInt64
    public var end: UInt64
    /// The views that the event matches, ascending.
    public var views: [ViewID]
    public var note: FrameNote
    /// When what the event tells of came in, in monotonic nanoseconds; 0: not measured.
    public var receivedNanoseconds: UInt64 = 0
}
