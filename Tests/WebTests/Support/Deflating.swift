import Bytes

@testable import Web

extension WebSocketCompressor {
    /// The compressed payload; `nil` where it is not worth it.
    func compressed(_ payload: [UInt8]) -> [UInt8]? {
        var buffer = ByteBuffer()
        return payload.withUnsafeBytes { compress($0, into: &buffer) } ? buffer.bytes : nil
    }
}

extension WebSocketInflater {
    /// The bytes of a message.
    func inflated(_ payload: [UInt8], limit: Int = 1 << 20, isText: Bool = false) throws(WebSocketError) -> [UInt8] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: payload)
        return [UInt8](try inflate(UnsafeRawBufferPointer(memory), limit: limit, isText: isText))
    }

    /// The close code that a message fails with, 0 for one in order.
    func failure(_ payload: [UInt8], limit: Int = 1 << 20, isText: Bool = false) -> UInt16 {
        do throws(WebSocketError) {
            _ = try inflated(payload, limit: limit, isText: isText)
            return 0
        } catch {
            return error.closeCode
        }
    }
}
