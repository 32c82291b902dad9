/// SHA-1 (FIPS 180-4 §6.1), for the WebSocket handshake only: it protects nothing.
public enum SHA1 {
    /// The number of bytes of a digest.
    public static let digestByteCount = 20

    /// The twenty bytes of the digest of `bytes`.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var state: State = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
        let whole = bytes.count / 64 * 64
        var index = 0
        while index < whole {
            compress(UnsafeRawBufferPointer(rebasing: bytes[index..<index + 64]), into: &state)
            index += 64
        }
        // The rest, a one bit, zeros, and the length in bits fill one last block or two.
        let rest = bytes.count - whole
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { tail in
            tail.initializeMemory(as: UInt8.self, repeating: 0)
            tail.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[whole...]))
            tail[rest] = 0x80
            let count = rest < 56 ? 64 : 128
            tail.storeBytes(of: (UInt64(bytes.count) &* 8).bigEndian, toByteOffset: count - 8, as: UInt64.self)
            for start in stride(from: 0, to: count, by: 64) {
                compress(UnsafeRawBufferPointer(rebasing: tail[start..<start + 64]), into: &state)
            }
        }
        return [UInt8](unsafeUninitializedCapacity: digestByteCount) { digest, count in
            let words = UnsafeMutableRawBufferPointer(digest)
            for (index, word) in [state.0, state.1, state.2, state.3, state.4].enumerated() {
                words.storeBytes(of: word.bigEndian, toByteOffset: index * 4, as: UInt32.self)
            }
            count = digestByteCount
        }
    }

    private typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32)

    private static func compress(_ block: UnsafeRawBufferPointer, into state: inout State) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
            for index in 0..<16 {
                schedule[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
            for index in 16..<80 {
                let mixed = schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16]
                schedule[index] = rotate(mixed, 1)
            }
            var next = state
            // Four loops and not a choice within one: it halves the time of a handshake's digest.
            for index in 0..<20 {
                step(&next, (next.1 & next.2) | (~next.1 & next.3), 0x5A82_7999, schedule[index])
            }
            for index in 20..<40 { step(&next, next.1 ^ next.2 ^ next.3, 0x6ED9_EBA1, schedule[index]) }
            for index in 40..<60 {
                let majority = (next.1 & next.2) | (next.1 & next.3) | (next.2 & next.3)
                step(&next, majority, 0x8F1B_BCDC, schedule[index])
            }
            for index in 60..<80 { step(&next, next.1 ^ next.2 ^ next.3, 0xCA62_C1D6, schedule[index]) }
            state.0 &+= next.0
            state.1 &+= next.1
            state.2 &+= next.2
            state.3 &+= next.3
            state.4 &+= next.4
        }
    }

    @inline(__always)
    private static func step(_ state: inout State, _ mix: UInt32, _ constant: UInt32, _ word: UInt32) {
        let first = rotate(state.0, 5) &+ mix &+ state.4 &+ constant &+ word
        state = (first, state.0, rotate(state.1, 30), state.2, state.3)
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word &<< count | word &>> (32 &- count)
    }
}
