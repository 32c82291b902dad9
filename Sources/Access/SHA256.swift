import COpenSSL
public import Grid

/// SHA-256 (FIPS 180-4), through OpenSSL.
public enum SHA256 {
    /// The digest of the bytes; of none, too.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest256 {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        let done = EVP_Digest(bytes.baseAddress, bytes.count, &digest, &count, EVP_sha256(), nil)
        precondition(done == 1 && count == 32, "OpenSSL has no SHA-256")
        return Digest256(bytes: digest)
    }

    /// The digest of the bytes.
    public static func digest(_ bytes: [UInt8]) -> Digest256 {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// The digest of the text's UTF-8 bytes.
    public static func digest(_ text: String) -> Digest256 {
        digest([UInt8](text.utf8))
    }
}
