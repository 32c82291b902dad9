/// The masking of client frames (RFC 6455 §5.3), done and undone by the same exclusive or.
enum WebSocketMask {
    /// A mask's four bytes as a word whose least significant byte comes first on the wire.
    typealias Key = UInt32

    /// The key for a payload that continues `count` bytes later.
    @inline(__always)
    static func advanced(_ key: Key, by count: Int) -> Key {
        let bits = UInt32(truncatingIfNeeded: count & 3) * 8
        return bits == 0 ? key : key >> bits | key << (32 - bits)
    }

    /// Masks or unmasks `bytes` in place; answers whether all of them are ASCII afterwards.
    ///
    /// The answer is free here, and spares most texts a second pass over their bytes.
    @discardableResult
    static func apply(_ key: Key, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard var position = bytes.baseAddress else { return true }
        var left = bytes.count
        let word = (UInt64(key) << 32 | UInt64(key)).littleEndian
        var seen: UInt64 = 0
        if left >= 64 {
            let lanes = SIMD8<UInt64>(repeating: word)
            var seenLanes = SIMD8<UInt64>()
            repeat {
                let block = position.loadUnaligned(as: SIMD8<UInt64>.self) ^ lanes
                position.storeBytes(of: block, as: SIMD8<UInt64>.self)
                seenLanes |= block
                position += 64
                left &-= 64
            } while left >= 64
            for lane in 0..<8 { seen |= seenLanes[lane] }
        }
        while left >= 8 {
            let block = position.loadUnaligned(as: UInt64.self) ^ word
            position.storeBytes(of: block, as: UInt64.self)
            seen |= block
            position += 8
            left &-= 8
        }
        // Fewer than eight bytes follow, and eight are two turns of the key.
        var rest = UInt64(littleEndian: word)
        while left > 0 {
            let byte = position.load(as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            position.storeBytes(of: byte, as: UInt8.self)
            seen |= UInt64(byte)
            rest >>= 8
            position += 1
            left &-= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
