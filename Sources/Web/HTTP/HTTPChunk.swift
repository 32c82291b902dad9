import Bytes

/// Writes the chunks of a body whose length is not known beforehand (RFC 9112 §7.1).
enum HTTPChunk {
    /// Appends one chunk; nothing for no bytes, because an empty chunk would end the body.
    static func append(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        guard !bytes.isEmpty else { return }
        buffer.append(String(bytes.count, radix: 16))
        buffer.append("\r\n")
        buffer.append(bytes)
        buffer.append("\r\n")
    }

    /// Appends the empty chunk that ends a body.
    static func appendLast(into buffer: inout ByteBuffer) { buffer.append("0\r\n\r\n") }
}
