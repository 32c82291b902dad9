/// What comes out of a receiver. The bytes lie in the input or in the receiver: use them before the next call.
public enum WebSocketEvent {
    /// A whole text message, valid UTF-8.
    case text(UnsafeRawBufferPointer)
    /// A whole binary message.
    case binary(UnsafeRawBufferPointer)
    /// A ping of at most 125 bytes, to be answered by a pong of the same bytes.
    case ping(UnsafeRawBufferPointer)
    /// A pong, asked for or not.
    case pong(UnsafeRawBufferPointer)
    /// The peer closes, and sends nothing any more. Answer with the same code unless a close was sent before.
    case close(code: UInt16?, reason: UnsafeRawBufferPointer)
}
