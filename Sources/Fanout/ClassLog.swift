internal import Bytes
internal import Grid
internal import Web

/// The writer's end of one class: every event encoded once, framed once, into shared segments.
///
/// It lives where effects are performed (the Hub's thread, or the only loop). It keeps just the segment that it
/// writes to; older ones live as long as a loop still has readers there.
public final class ClassLog {
    public let key: ClassKey
    /// The position behind the last frame.
    public private(set) var end: UInt64 = 0
    /// Events encoded so far, for the `encodes_per_event` metric.
    public private(set) var encodedCount: UInt64 = 0
    private var segment: Segment?
    private var header = ByteBuffer(capacity: 16)

    public init(key: ClassKey) { self.key = key }

    /// Frames an encoded payload and appends it.
    ///
    /// - Returns: the segment and the positions of the whole frame in it.
    public func append(payload: UnsafeRawBufferPointer) -> (segment: Segment, start: UInt64, end: UInt64) {
        header.removeAll(keepingCapacity: true)
        switch key.framing {
        case .webSocket:
            WebSocketFrame.appendHeader(
                opcode: .text, payloadCount: payload.count, into: &header)
        }
        let length = header.count + payload.count
        let target: Segment
        if let current = segment, current.spare >= length {
            target = current
        } else {
            // A frame larger than a segment gets one of its own size.
            target = Segment(start: end, capacity: max(Limits.segmentBytes, length))
            segment = target
        }
        header.withBytes { target.append($0) }
        target.append(payload)
        let start = end
        end += UInt64(length)
        encodedCount += 1
        return (target, start, end)
    }
}
