internal import Bytes
internal import Grid
internal import Web

/// The writer's end of one class: every event framed once, and compressed once where it is so
/// framed, into shared segments.
///
/// It lives where effects are performed (the Hub's thread, or the only loop). It keeps just the segment that it
/// writes to; older ones live as long as a loop still has readers there.
public final class ClassLog {
    public let key: ClassKey
    /// The position behind the last frame.
    public private(set) var end: UInt64 = 0
    private var segment: Segment?
    private var header = ByteBuffer(capacity: 16)
    private let compressor: WebSocketCompressor
    private var packed = ByteBuffer()

    /// - Parameter compressor: what the logs of one writer share, of the greatest window.
    init(key: ClassKey, compressor: WebSocketCompressor) {
        self.key = key
        self.compressor = compressor
    }

    /// Frames an encoded payload and appends it.
    ///
    /// - Returns: the segment and the positions of the whole frame in it.
    public func append(payload: UnsafeRawBufferPointer) -> (segment: Segment, start: UInt64, end: UInt64) {
        switch key.framing {
        case .webSocket:
            return append(payload, isCompressed: false)
        case .webSocketDeflate:
            packed.removeAll(keepingCapacity: true)
            guard compressor.compress(payload, into: &packed) else { return append(payload, isCompressed: false) }
            return packed.withBytes { append($0, isCompressed: true) }
        }
    }

    private func append(
        _ payload: UnsafeRawBufferPointer, isCompressed: Bool
    ) -> (segment: Segment, start: UInt64, end: UInt64) {
        header.removeAll(keepingCapacity: true)
        WebSocketFrame.appendHeader(
            opcode: .text, rsv1: isCompressed, payloadCount: payload.count, into: &header)
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
        return (target, start, end)
    }
}
