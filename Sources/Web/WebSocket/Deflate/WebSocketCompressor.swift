public import Bytes
internal import CZlib

/// Compresses messages, each by itself (RFC 7692 §7.2.1 without context takeover).
///
/// One compressor serves every connection of a thread. zlib's state, about 260 KiB with the greatest window, is made
/// for the first message that is worth it and kept for the next ones.
public final class WebSocketCompressor {
    /// The greatest window, which a peer understands unless it has asked for a smaller one.
    public static let greatestWindowBits = 15
    /// The windows that there can be.
    public static let windowBitsRange = 9...greatestWindowBits

    /// The base-2 logarithm of the window.
    public let windowBits: Int
    /// Payloads below it are not compressed.
    public let thresholdBytes: Int
    /// Compressions so far, those given up included.
    public private(set) var compressedCount: UInt64 = 0
    private var stream: UnsafeMutablePointer<z_stream>?

    /// What a flush ends with and a message goes without.
    private static let tailByteCount = 4

    /// - Parameter windowBits: one of ``windowBitsRange``.
    public init(windowBits: Int = WebSocketCompressor.greatestWindowBits, thresholdBytes: Int) {
        precondition(Self.windowBitsRange.contains(windowBits) && thresholdBytes >= 0)
        self.windowBits = windowBits
        self.thresholdBytes = thresholdBytes
    }

    deinit {
        guard let stream else { return }
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Appends the compressed payload of a message, for a frame with RSV1.
    ///
    /// - Returns: false, with nothing appended, when the payload is below the threshold or would not shrink: it is to
    ///   be sent as it is, without RSV1.
    public func compress(_ payload: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
        guard !payload.isEmpty, payload.count >= thresholdBytes, payload.count <= Int(Int32.max) else { return false }
        let stream = readied()
        compressedCount += 1
        let room = payload.count + Self.tailByteCount
        var isSmaller = false
        buffer.withSpare(room) { spare in
            let target = spare.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: payload.baseAddress?.assumingMemoryBound(to: Bytef.self))
            stream.pointee.avail_in = uInt(payload.count)
            stream.pointee.next_out = target
            stream.pointee.avail_out = uInt(room)
            let result = deflate(stream, Z_SYNC_FLUSH)
            precondition(result == Z_OK, "zlib refused to compress")
            // A flush that filled the room is not complete, and what needs more room than it saves is not wanted.
            let left = Int(stream.pointee.avail_out)
            guard left > 0 else { return 0 }
            isSmaller = true
            return room - left - Self.tailByteCount
        }
        return isSmaller
    }

    /// zlib's state, as before its first message.
    private func readied() -> UnsafeMutablePointer<z_stream> {
        if let stream {
            deflateReset(stream)
            return stream
        }
        let created = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        created.initialize(to: z_stream())
        let result = deflateInit2_(
            created, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -Int32(windowBits), 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib has no memory")
        stream = created
        return created
    }
}
