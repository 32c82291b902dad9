import Grid

/// The key derivation of ECDH-ES: one round of NIST SP 800-56A's concatenation KDF with SHA-256, as RFC 7518 §4.6.2
/// fills it in.
enum ConcatKDF {
    /// The key of `bitCount` bits that the secret gives, for this algorithm alone.
    ///
    /// - Parameters:
    ///   - secret: what was agreed on (Z).
    ///   - algorithm: the name of what the key is for; of the content encryption where the key is used directly.
    ///   - producer: `apu`, decoded; empty where the header has none.
    ///   - consumer: `apv`, likewise.
    ///   - bitCount: a multiple of 8 up to 256.
    static func derive(
        _ secret: [UInt8], algorithm: String, producer: [UInt8] = [], consumer: [UInt8] = [], bitCount: Int
    ) -> [UInt8] {
        precondition((8...256).contains(bitCount) && bitCount.isMultiple(of: 8), "one round gives 256 bits")
        let round: UInt32 = 1
        let input =
            octets(round) + secret + counted([UInt8](algorithm.utf8)) + counted(producer) + counted(consumer)
            + octets(UInt32(bitCount))
        return Array(SHA256.digest(input).bytes.prefix(bitCount / 8))
    }

    private static func counted(_ bytes: [UInt8]) -> [UInt8] { octets(UInt32(bytes.count)) + bytes }

    private static func octets(_ word: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) }
    }
}
