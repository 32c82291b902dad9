import COpenSSL

/// A P-256 signature in its two forms: 64 raw bytes in a token (RFC 7518 §3.4), DER for OpenSSL.
enum ECDSASignature {
    /// The length of either number in bytes.
    private static let numberBytes = 32

    /// The DER form of `r ‖ s`; `nil` unless there are exactly 64 bytes.
    static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 2 * numberBytes, let signature = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(signature) }
        let (r, s) = raw.withUnsafeBufferPointer { bytes in
            (
                BN_bin2bn(bytes.baseAddress, Int32(numberBytes), nil),
                BN_bin2bn(bytes.baseAddress.map { $0 + numberBytes }, Int32(numberBytes), nil)
            )
        }
        guard ECDSA_SIG_set0(signature, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        let count = Int(i2d_ECDSA_SIG(signature, nil))
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var end: UnsafeMutablePointer<UInt8>? = buffer.baseAddress
            filled = Int(i2d_ECDSA_SIG(signature, &end))
        }
    }
}
