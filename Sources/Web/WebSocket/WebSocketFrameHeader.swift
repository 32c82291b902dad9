/// The header of one received frame, judged.
struct WebSocketFrameHeader {
    var opcode: WebSocketOpcode
    var isFinal: Bool
    var rsv1: Bool
    var payloadCount: Int
    /// 0 when the frame is not masked.
    var key: WebSocketMask.Key
    /// The bytes of the header itself.
    var byteCount: Int

    /// The state of the connection that a header is judged by.
    struct Context {
        var role: WebSocketRole
        var permitsRSV1: Bool
        /// Whether a message has begun and not ended.
        var isWithinMessage: Bool
        /// How many more bytes, and frames, the message may have.
        var roomBytes: Int
        var roomFragments: Int
    }

    /// Reads a header from the start of `bytes`; `nil` while it is incomplete.
    ///
    /// Every rule is applied as soon as its bytes are there and in the order of the bytes, so that the outcome does
    /// not depend on where the input was cut.
    @inline(__always)
    init?(_ bytes: UnsafeRawBufferPointer, in context: Context) throws(WebSocketError) {
        guard let base = bytes.baseAddress, bytes.count >= 1 else { return nil }
        let first = base.load(as: UInt8.self)
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .protocolError("reserved opcode") }
        self.opcode = opcode
        isFinal = first & 0x80 != 0
        rsv1 = first & 0x40 != 0
        if first & 0x70 != 0 {
            let isAllowed = context.permitsRSV1 && first & 0x30 == 0 && !opcode.isControl && opcode != .continuation
            guard isAllowed else { throw .protocolError("reserved bit set") }
        }
        if opcode.isControl {
            guard isFinal else { throw .protocolError("fragmented control frame") }
        } else {
            guard (opcode == .continuation) == context.isWithinMessage else {
                throw context.isWithinMessage
                    ? .protocolError("message within a message") : .protocolError("continuation of nothing")
            }
            guard context.roomFragments > 0 else { throw .tooManyFragments }
        }

        guard bytes.count >= 2 else { return nil }
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        let isMasked = second & 0x80 != 0
        guard isMasked == (context.role == .server) else {
            throw isMasked ? .protocolError("masked frame from a server") : .protocolError("unmasked client frame")
        }
        let short = Int(second & 0x7F)
        guard !opcode.isControl || short <= WebSocketFrame.maximumControlByteCount else {
            throw .protocolError("control frame too long")
        }
        let lengthBytes = short < 126 ? 0 : short == 126 ? 2 : 8
        guard bytes.count >= 2 + lengthBytes else { return nil }
        payloadCount = try Self.length(base + 2, short: short)
        guard opcode.isControl || payloadCount <= context.roomBytes else { throw .tooLarge }

        byteCount = 2 + lengthBytes + (isMasked ? 4 : 0)
        guard bytes.count >= byteCount else { return nil }
        key = isMasked ? UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 2 + lengthBytes, as: UInt32.self)) : 0
    }

    /// The payload's length, which must be in the shortest of its three forms.
    @inline(__always)
    private static func length(_ extended: UnsafeRawPointer, short: Int) throws(WebSocketError) -> Int {
        if short < 126 { return short }
        if short == 126 {
            let count = Int(UInt16(bigEndian: extended.loadUnaligned(as: UInt16.self)))
            guard count >= 126 else { throw .protocolError("length not in its shortest form") }
            return count
        }
        let count = UInt64(bigEndian: extended.loadUnaligned(as: UInt64.self))
        guard count >> 63 == 0 else { throw .protocolError("length beyond 63 bits") }
        guard count >= 65_536 else { throw .protocolError("length not in its shortest form") }
        return Int(count)
    }
}
