internal import Bytes
internal import Web

/// The writer's end of one class: every event framed once, and compressed once where it is so
/// framed, into shared segments.
///
/// It lives where effects are performed (the Hub's thread, or the only loop). It keeps just the segment that it
/// writes to; older ones live as long as a loop still has readers there.
public final class ClassLog {
    public let key: ClassKey
    /// The position behind the last frame.
    public var end: UInt64 { writer.end }
    private var writer = SegmentWriter()
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
        case .message:
            return writer.append(UnsafeRawBufferPointer(start: nil, count: 0), payload)
        case .serverSentEvents:
            preconditionFailure("a stream has a class of its own")
        }
    }

    private func append(
        _ payload: UnsafeRawBufferPointer, isCompressed: Bool
    ) -> (segment: Segment, start: UInt64, end: UInt64) {
        header.removeAll(keepingCapacity: true)
        WebSocketFrame.appendHeader(
            opcode: .text, rsv1: isCompressed, payloadCount: payload.count, into: &header)
        return header.withBytes { writer.append($0, payload) }
    }
}
