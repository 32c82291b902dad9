internal import Bytes
internal import Glibc
internal import Web

/// Undoes the compression of deliveries, each text once: a server without context takeover sends the same bytes to
/// every subscriber, and inflating each of them would measure the generator.
final class CompressedMessages {
    private struct Known {
        var packed = ByteBuffer()
        var text = ByteBuffer()
    }

    private var receiver = WebSocketReceiver(role: .client, maximumMessageBytes: 1 << 20, maximumFragments: 1)
    private var frame = ByteBuffer()
    /// Messages by the low bits of their numbers.
    private var known = Array(repeating: Known(), count: 1024)
    /// Texts that were inflated.
    private(set) var inflatedCount: UInt64 = 0

    init() { receiver.inflater = WebSocketInflater() }

    /// Hands the text of a compressed message to `body`; `false` if it cannot be inflated.
    ///
    /// - Parameter number: of the message that is expected.
    @inline(__always)
    func withText(
        _ packed: UnsafeRawBufferPointer, expecting number: UInt64, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        let place = Int(number % UInt64(known.count))
        let isKnown = known[place].packed.withBytes { bytes in
            guard bytes.count == packed.count, let left = bytes.baseAddress, let right = packed.baseAddress else {
                return false
            }
            return memcmp(left, right, bytes.count) == 0
        }
        guard isKnown || inflate(packed, to: place) else { return false }
        known[place].text.withBytes(body)
        return true
    }

    @inline(never)
    private func inflate(_ packed: UnsafeRawBufferPointer, to place: Int) -> Bool {
        frame.removeAll(keepingCapacity: true)
        WebSocketFrame.append(opcode: .text, rsv1: true, payload: packed, into: &frame)
        known[place].packed.removeAll(keepingCapacity: true)
        known[place].text.removeAll(keepingCapacity: true)
        let isWhole = frame.withMutableBytes { bytes -> Bool in
            var input = InputCursor(bytes)
            guard case .text(let inflated)? = try? receiver.next(&input) else { return false }
            known[place].text.append(inflated)
            return true
        }
        guard isWhole else { return false }
        known[place].packed.append(packed)
        inflatedCount += 1
        return true
    }
}
