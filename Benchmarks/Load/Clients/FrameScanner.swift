internal import Bytes

/// Finds the frames of a server in a stream, with as little work as can be: the generator must not be what is measured.
///
/// It takes whole, unmasked frames, as every server here sends them, and reports anything else as a fault. Only a frame
/// that arrives in pieces is copied.
struct FrameScanner {
    private var carry = ByteBuffer()
    /// Marks the opcode of a compressed message.
    static let compressedBit: UInt8 = 0x40
    private static let opcodeBits: UInt8 = 0x0F | compressedBit

    /// What a step found.
    enum Step {
        /// A whole frame: its opcode, perhaps with ``compressedBit``, and payload, which lives until the next step.
        case frame(opcode: UInt8, payload: UnsafeRawBufferPointer)
        /// The input is used up.
        case none
        /// Something a server must not send here.
        case fault
    }

    /// The next frame of `input`, which moves past what was used.
    @inline(__always)
    mutating func next(_ input: inout UnsafeRawBufferPointer) -> Step {
        if !carry.isEmpty { return nextCarried(&input) }
        guard let base = input.baseAddress, input.count > 0 else { return .none }
        guard let (header, count) = Self.measure(input) else {
            keep(&input)
            return .none
        }
        guard count >= 0 else { return .fault }
        guard input.count >= header + count else {
            keep(&input)
            return .none
        }
        let payload = UnsafeRawBufferPointer(start: base + header, count: count)
        let opcode = base.load(as: UInt8.self) & Self.opcodeBits
        input = UnsafeRawBufferPointer(rebasing: input[(header + count)...])
        return .frame(opcode: opcode, payload: payload)
    }

    /// The lengths of header and payload; `nil` while the header is incomplete, a negative payload for a bad header.
    @inline(__always)
    private static func measure(_ bytes: UnsafeRawBufferPointer) -> (header: Int, payload: Int)? {
        guard let base = bytes.baseAddress, bytes.count >= 2 else { return nil }
        let first = base.load(as: UInt8.self)
        let second = base.load(fromByteOffset: 1, as: UInt8.self)
        guard first & 0xB0 == 0x80, second & 0x80 == 0 else { return (0, -1) }
        switch second {
        case 126:
            guard bytes.count >= 4 else { return nil }
            return (4, Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self))))
        case 127:
            guard bytes.count >= 10 else { return nil }
            let count = UInt64(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            return (10, count < 1 << 30 ? Int(count) : -1)
        default:
            return (2, Int(second))
        }
    }

    private mutating func keep(_ input: inout UnsafeRawBufferPointer) {
        carry.append(input)
        input = UnsafeRawBufferPointer(rebasing: input[input.endIndex...])
    }

    /// Set when the kept frame was handed out and is to be forgotten at the next step.
    private var isCarryDone = false

    /// Completes the frame that began in an earlier read, taking from `input` no more than belongs to it.
    @inline(never)
    private mutating func nextCarried(_ input: inout UnsafeRawBufferPointer) -> Step {
        if isCarryDone {
            isCarryDone = false
            carry.removeAll(keepingCapacity: true)
            return next(&input)
        }
        while true {
            let measured = carry.withBytes { Self.measure($0) }
            var missing = 1
            if let (header, count) = measured {
                guard count >= 0 else { return .fault }
                missing = header + count - carry.count
                if missing == 0 {
                    isCarryDone = true
                    return carry.withBytes { bytes in
                        .frame(
                            opcode: bytes[0] & Self.opcodeBits,
                            payload: UnsafeRawBufferPointer(rebasing: bytes[header...]))
                    }
                }
            }
            let taken = min(missing, input.count)
            guard taken > 0 else { return .none }
            carry.append(UnsafeRawBufferPointer(rebasing: input[..<taken]))
            input = UnsafeRawBufferPointer(rebasing: input[taken...])
        }
    }
}
