import COpenSSL
public import Grid

/// The process's source of secrets and identifiers: OpenSSL's generator, seeded by the kernel.
///
/// Safe on any thread. A generator that cannot deliver ends the process: nothing secret can be made without it.
public enum SecureRandom {
    /// `count` unpredictable bytes, at most 2³¹ − 1.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "a count of random bytes out of range")
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard count > 0 else { return }
            precondition(RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "the random generator failed")
            filled = count
        }
    }

    /// An unpredictable word, every value equally likely.
    public static func uint64() -> UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { buffer in
            let target = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            precondition(RAND_bytes(target, Int32(buffer.count)) == 1, "the random generator failed")
        }
        return word
    }

    /// A random (version 4) identifier with 122 unpredictable bits.
    public static func uuid() -> UUID128 {
        UUID128(randomHigh: uint64(), randomLow: uint64())
    }
}
