public import Bytes
internal import Reactor
public import Web

/// Messages of the peer's own; the shared ones go through the fan-out.
extension ServerConnection {
    /// Queues one frame of the peer's own.
    public final func sendFrame(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) {
        var frame = ByteBuffer(capacity: payload.count + WebSocketFrame.maximumHeaderByteCount)
        WebSocketFrame.appendServer(opcode: opcode, payload: payload, into: &frame)
        send(frame)
    }

    /// Queues one message of the peer's own, compressed where that was agreed and makes it smaller.
    ///
    /// - Parameter compressor: of a window that ``deflateWindowBits`` allows.
    public final func sendMessage(
        _ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer, by compressor: WebSocketCompressor
    ) {
        precondition(compressor.windowBits <= deflateWindowBits, "the peer cannot inflate this")
        var packed = ByteBuffer()
        guard compressor.compress(payload, into: &packed) else {
            sendFrame(opcode, payload)
            return
        }
        var frame = ByteBuffer(capacity: packed.count + WebSocketFrame.maximumHeaderByteCount)
        packed.withBytes { WebSocketFrame.append(opcode: opcode, rsv1: true, payload: $0, into: &frame) }
        send(frame)
    }

    /// Queues one text message of the peer's own.
    public final func sendText(_ message: ByteBuffer) {
        message.withBytes { sendFrame(.text, $0) }
    }
}
