import Bytes
import Glibc

/// What the clients of one dialer share: the source of their masks and one buffer in which frames are put together.
///
/// Masks must not be foreseeable (RFC 6455 §5.3), so all of them come from the kernel's generator, many at a call.
final class MaskSource {
    private var scratch = ByteBuffer()
    private static let batchBytes = 256
    private let masks: UnsafeMutablePointer<UInt32>
    private var left = 0

    init() { masks = .allocate(capacity: Self.batchBytes / 4) }

    deinit { masks.deallocate() }

    /// The next mask.
    func next() -> UInt32 {
        if left == 0 {
            precondition(getentropy(masks, Self.batchBytes) == 0, "the kernel gave no random bytes")
            left = Self.batchBytes / 4
        }
        left -= 1
        return masks[left]
    }

    /// Sixteen bytes for a handshake's key.
    func keyBytes() -> [UInt8] {
        (0..<4).flatMap { _ in withUnsafeBytes(of: next()) { Array($0) } }
    }

    /// Hands out the buffer, empty; give it back with ``putBack(_:)``. Taken rather than borrowed, because what is done
    /// with it may come back here.
    func take() -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &scratch)
        return buffer
    }

    /// Keeps the buffer's block for the next frame, unless it is unusually large.
    func putBack(_ buffer: inout ByteBuffer) {
        if buffer.capacity > 256 << 10 { return }
        buffer.removeAll(keepingCapacity: true)
        swap(&buffer, &scratch)
    }
}
