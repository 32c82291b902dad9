internal import Grid

/// The writer's end of one stream of frames: keeps the segment that it writes to, and where the stream stands.
struct SegmentWriter {
    /// The position behind the last frame.
    private(set) var end: UInt64 = 0
    private var segment: Segment?

    /// Appends a frame made of parts that follow each other.
    ///
    /// - Returns: the segment and the positions of the whole frame in it.
    mutating func append(
        _ head: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> (segment: Segment, start: UInt64, end: UInt64) {
        let length = head.count + payload.count + tail.count
        let target: Segment
        if let current = segment, current.spare >= length {
            target = current
        } else {
            // A frame larger than a segment gets one of its own size.
            target = Segment(start: end, capacity: max(Limits.segmentBytes, length))
            segment = target
        }
        target.append(head)
        target.append(payload)
        target.append(tail)
        let start = end
        end += UInt64(length)
        return (target, start, end)
    }
}
