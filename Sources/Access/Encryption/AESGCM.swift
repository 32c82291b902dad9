import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D), through OpenSSL.
enum AESGCM {
    static let keyBytes = 32
    static let nonceBytes = 12
    static let tagBytes = 16

    /// What sealing gives: as many bytes as were put in, and the tag that vouches for them and what stood beside them.
    struct Sealed {
        var ciphertext: [UInt8]
        var tag: [UInt8]
    }

    /// Encrypts and authenticates the bytes, and authenticates `beside`.
    ///
    /// - Parameter nonce: never used twice with one key: whoever sees two such messages can forge others.
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: [UInt8], nonce: [UInt8], beside: UnsafeRawBufferPointer
    ) -> Sealed {
        precondition(key.count == keyBytes && nonce.count == nonceBytes, "a key has 32 bytes, a nonce 12")
        precondition(max(plaintext.count, beside.count) <= Int(Int32.max) - tagBytes, "one call takes 2 GiB")
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var count: Int32 = 0
        var isDone = EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
        isDone = isDone && EVP_EncryptUpdate(context, nil, &count, octets(beside), Int32(beside.count)) == 1
        let ciphertext = [UInt8](unsafeUninitializedCapacity: plaintext.count) { buffer, filled in
            if plaintext.count > 0 {
                isDone =
                    isDone
                    && EVP_EncryptUpdate(
                        context, buffer.baseAddress, &count, octets(plaintext), Int32(plaintext.count)) == 1
                precondition(isDone && Int(count) == plaintext.count, "AES-GCM gives as many bytes as it takes")
            }
            filled = plaintext.count
        }
        var tag = [UInt8](repeating: 0, count: tagBytes)
        // A counter mode has nothing left to write at its end.
        isDone = isDone && EVP_EncryptFinal_ex(context, &tag, &count) == 1 && count == 0
        isDone = isDone && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagBytes), &tag) == 1
        precondition(isDone, "OpenSSL has no AES-256-GCM")
        return Sealed(ciphertext: ciphertext, tag: tag)
    }

    private static func octets(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}
