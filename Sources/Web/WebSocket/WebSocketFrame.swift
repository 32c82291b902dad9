public import Bytes

/// Writes frames (RFC 6455 §5.2).
///
/// `mask` is the masking key, its most significant byte first on the wire: a random one for every frame of a client,
/// `nil` for a server. `rsv1` marks the first frame of a compressed message.
public enum WebSocketFrame {
    /// The longest header in bytes.
    public static let maximumHeaderByteCount = 14
    /// The longest payload of a control frame in bytes.
    public static let maximumControlByteCount = 125
    /// The longest reason of a close frame in bytes.
    public static let maximumReasonByteCount = 123

    /// The bytes that the header of such a frame takes, 2 to 14.
    public static func headerByteCount(payloadCount: Int, masked: Bool = false) -> Int {
        (payloadCount < 126 ? 2 : payloadCount < 65_536 ? 4 : 10) + (masked ? 4 : 0)
    }

    /// Writes a header to `target`, which has room for ``maximumHeaderByteCount`` bytes; answers how many it took.
    @discardableResult
    public static func writeHeader(
        opcode: WebSocketOpcode, fin: Bool = true, rsv1: Bool = false, payloadCount: Int, mask: UInt32? = nil,
        to target: UnsafeMutableRawPointer
    ) -> Int {
        precondition(payloadCount >= 0)
        precondition(
            !opcode.isControl || (fin && !rsv1 && payloadCount <= maximumControlByteCount),
            "control frames are short, whole and not compressed")
        target.storeBytes(of: opcode.rawValue | (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0), as: UInt8.self)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        var count = 2
        if payloadCount < 126 {
            target.storeBytes(of: maskBit | UInt8(payloadCount), toByteOffset: 1, as: UInt8.self)
        } else if payloadCount < 65_536 {
            target.storeBytes(of: maskBit | 126, toByteOffset: 1, as: UInt8.self)
            target.storeBytes(of: UInt16(payloadCount).bigEndian, toByteOffset: 2, as: UInt16.self)
            count = 4
        } else {
            target.storeBytes(of: maskBit | 127, toByteOffset: 1, as: UInt8.self)
            target.storeBytes(of: UInt64(payloadCount).bigEndian, toByteOffset: 2, as: UInt64.self)
            count = 10
        }
        if let mask {
            target.storeBytes(of: mask.bigEndian, toByteOffset: count, as: UInt32.self)
            count += 4
        }
        return count
    }

    /// Appends a header; the payload, masked where `mask` is given, is the caller's to append.
    public static func appendHeader(
        opcode: WebSocketOpcode, fin: Bool = true, rsv1: Bool = false, payloadCount: Int, mask: UInt32? = nil,
        into buffer: inout ByteBuffer
    ) {
        buffer.withSpare(maximumHeaderByteCount) { spare in
            guard let target = spare.baseAddress else { return 0 }
            return writeHeader(
                opcode: opcode, fin: fin, rsv1: rsv1, payloadCount: payloadCount, mask: mask, to: target)
        }
    }

    /// Appends a whole frame, header and payload, masked with `mask` where one is given. `payload` must not lie in
    /// `buffer`.
    public static func append(
        opcode: WebSocketOpcode, fin: Bool = true, rsv1: Bool = false, payload: UnsafeRawBufferPointer,
        mask: UInt32? = nil, into buffer: inout ByteBuffer
    ) {
        buffer.withSpare(maximumHeaderByteCount + payload.count) { spare in
            guard let target = spare.baseAddress else { return 0 }
            let count = writeHeader(
                opcode: opcode, fin: fin, rsv1: rsv1, payloadCount: payload.count, mask: mask, to: target)
            let body = UnsafeMutableRawBufferPointer(rebasing: spare[count..<(count + payload.count)])
            body.copyMemory(from: payload)
            if let mask { WebSocketMask.apply(mask.byteSwapped, to: body) }
            return count + payload.count
        }
    }

    /// Appends a whole frame of a server: unmasked, so that one encoding serves every subscriber.
    public static func appendServer(
        opcode: WebSocketOpcode, payload: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) {
        append(opcode: opcode, payload: payload, into: &buffer)
    }

    /// Appends a whole frame of a client, masked with `mask`.
    public static func appendClient(
        opcode: WebSocketOpcode, payload: UnsafeRawBufferPointer, mask: UInt32, into buffer: inout ByteBuffer
    ) {
        append(opcode: opcode, payload: payload, mask: mask, into: &buffer)
    }

    /// Appends a close frame with `code` and `reason`, which is cut at a character's end to fit.
    ///
    /// Without a code, or with one that must not be sent, the frame is empty.
    public static func appendClose(
        code: UInt16?, reason: String = "", mask: UInt32? = nil, into buffer: inout ByteBuffer
    ) {
        guard let code, WebSocketCloseCode.mayBeSent(code) else {
            append(opcode: .close, payload: UnsafeRawBufferPointer(start: nil, count: 0), mask: mask, into: &buffer)
            return
        }
        var payload = [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)]
        for character in reason.unicodeScalars {
            let encoded = String(character).utf8
            guard payload.count + encoded.count <= maximumControlByteCount else { break }
            payload.append(contentsOf: encoded)
        }
        payload.withUnsafeBytes { append(opcode: .close, payload: $0, mask: mask, into: &buffer) }
    }

    /// Appends the close frame that tells the peer how it failed.
    public static func appendClose(_ error: WebSocketError, mask: UInt32? = nil, into buffer: inout ByteBuffer) {
        appendClose(code: error.closeCode, reason: error.reason.description, mask: mask, into: &buffer)
    }
}
