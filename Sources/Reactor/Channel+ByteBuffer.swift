public import Bytes

extension Channel {
    /// Appends the buffer's bytes to the private queue, as `send` of a raw buffer does.
    @discardableResult
    public final func send(_ buffer: ByteBuffer) -> Bool {
        buffer.withBytes { send($0) }
    }
}
