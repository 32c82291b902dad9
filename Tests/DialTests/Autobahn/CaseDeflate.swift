import CZlib

/// A server's end of permessage-deflate on zlib alone, with no code of ours between.
final class CaseDeflate {
    private var packing = z_stream()
    private var unpacking = z_stream()

    /// - Parameter clientWindowBits: what the client has been asked to keep to: whoever looks back further is not
    ///   understood.
    init(clientWindowBits: Int32) {
        let size = Int32(MemoryLayout<z_stream>.size)
        precondition(
            deflateInit2_(&packing, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK)
        precondition(inflateInit2_(&unpacking, -clientWindowBits, ZLIB_VERSION, size) == Z_OK)
    }

    deinit {
        deflateEnd(&packing)
        inflateEnd(&unpacking)
    }

    /// The payload of a compressed message that refers to none before it.
    func pack(_ payload: [UInt8]) -> [UInt8] {
        deflateReset(&packing)
        var input = payload
        let room = Int(deflateBound(&packing, uLong(payload.count))) + 16
        var packed = [UInt8](repeating: 0, count: room)
        input.withUnsafeMutableBufferPointer { input in
            packed.withUnsafeMutableBufferPointer { output in
                packing.next_in = input.baseAddress
                packing.avail_in = uInt(input.count)
                packing.next_out = output.baseAddress
                packing.avail_out = uInt(room)
                precondition(deflate(&packing, Z_SYNC_FLUSH) == Z_OK && packing.avail_out > 0)
            }
        }
        // A flush ends with four bytes that a message goes without (RFC 7692 §7.2.1).
        return Array(packed[..<(room - Int(packing.avail_out) - 4)])
    }

    /// What a message was; `nil` where it refers to an earlier one, looks back too far or is no compressed data.
    func unpack(_ payload: [UInt8], count: Int) -> [UInt8]? {
        inflateReset(&unpacking)
        var input = payload + [0, 0, 255, 255]
        var unpacked = [UInt8](repeating: 0, count: count + 1)
        let result = input.withUnsafeMutableBufferPointer { input in
            unpacked.withUnsafeMutableBufferPointer { output in
                unpacking.next_in = input.baseAddress
                unpacking.avail_in = uInt(input.count)
                unpacking.next_out = output.baseAddress
                unpacking.avail_out = uInt(output.count)
                return inflate(&unpacking, Z_SYNC_FLUSH)
            }
        }
        guard result == Z_OK, unpacking.avail_in == 0 else { return nil }
        return Array(unpacked[..<(count + 1 - Int(unpacking.avail_out))])
    }
}
