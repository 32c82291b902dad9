import Bytes
import COpenSSL
import Testing

@testable import Access

/// Key pairs as clients would hold them, and the opening of what was encrypted for them: written from the RFCs, apart
/// from what encrypts.
enum ClientKey: CaseIterable, Sendable {
    case p256
    case x25519
    case shared

    /// RFC 7518 Appendix C: Bob's key on P-256; RFC 7748 §6.1: Bob's on X25519; 0, 1, 2, … as a shared one.
    var jwk: String {
        switch self {
        case .p256:
            """
            {"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",\
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","kid":"bob"}
            """
        case .x25519:
            #"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08","kid":"bob"}"#
        case .shared: #"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","kid":"bob"}"#
        }
    }

    var key: PayloadKey {
        get throws { try payloadKey(jwk) }
    }

    /// The private half, of the same sources.
    private var privateKey: EVPKey {
        switch self {
        case .p256:
            p256PrivateKey(
                d: "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw", x: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                y: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck")
        case .x25519: x25519PrivateKey("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
        case .shared: preconditionFailure("a shared key has no halves")
        }
    }

    /// Opens a message as its recipient; `nil` where it is none, or was changed on its way.
    func open(_ compact: String) -> [UInt8]? {
        let parts = compact.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[1].isEmpty, let header = Base64.decode(parts[0], urlSafe: true),
            let nonce = Base64.decode(parts[2], urlSafe: true), let text = Base64.decode(parts[3], urlSafe: true),
            let tag = Base64.decode(parts[4], urlSafe: true), nonce.count == 12, tag.count == 16,
            let key = contentKey(String(decoding: header, as: UTF8.self))
        else { return nil }
        return openAESGCM(text, tag: tag, key: key, nonce: nonce, beside: Array(parts[0].utf8))
    }

    private func contentKey(_ header: String) -> [UInt8]? {
        func member(_ name: String) -> String? {
            guard let start = header.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
            return String(header[start...].prefix { $0 != "\"" })
        }
        func coordinate(_ name: String) -> [UInt8]? {
            member(name).map(bytes).flatMap { $0.count == 32 ? $0 : nil }
        }
        guard member("enc") == "A256GCM", let algorithm = member("alg") else { return nil }
        let peer: EVPKey
        switch (self, algorithm) {
        case (.shared, "dir"): return (0..<32).map { $0 }
        case (.p256, "ECDH-ES"):
            guard let x = coordinate("x"), let y = coordinate("y"), let point = EVPKey(p256X: x, y: y) else {
                return nil
            }
            peer = point
        case (.x25519, "ECDH-ES"):
            guard let x = coordinate("x") else { return nil }
            peer = EVPKey(x25519PublicKey: x)
        default: return nil
        }
        guard let secret = privateKey.agree(with: peer) else { return nil }
        return ConcatKDF.derive(secret, algorithm: "A256GCM", bitCount: 256)
    }
}

func payloadKey(_ jwk: String) throws(JWKError) -> PayloadKey {
    let text = [UInt8](jwk.utf8)
    return try text.withUnsafeBytes { bytes in Result { () throws(JWKError) in try PayloadKey(jwk: bytes) } }.get()
}

/// The bytes that a text of base64url spells.
func bytes(_ base64url: String) -> [UInt8] { Base64.decode(base64url, urlSafe: true) ?? [] }

extension PayloadKey {
    func encrypt(_ plaintext: String) -> String {
        var text = ByteBuffer()
        [UInt8](plaintext.utf8).withUnsafeBytes { encrypt($0, into: &text) }
        return text.text
    }
}

/// A private key on P-256 of its number and its point, through the form of RFC 5915.
func p256PrivateKey(d: String, x: String, y: String) -> EVPKey {
    let encoded: [UInt8] =
        [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20] + bytes(d) + [0xA0, 0x0A, 0x06, 0x08]
        + [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0xA1, 0x44, 0x03, 0x42, 0x00, 0x04] + bytes(x) + bytes(y)
    return encoded.withUnsafeBufferPointer { buffer in
        var start = buffer.baseAddress
        return EVPKey(owning: d2i_PrivateKey(EVP_PKEY_EC, nil, &start, buffer.count)!)
    }
}

func x25519PrivateKey(_ hexadecimal: String) -> EVPKey {
    let bytes = Hexadecimal.decode(hexadecimal)!
    return EVPKey(owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, bytes, bytes.count)!)
}

/// Decrypts and verifies; `nil` where the tag does not hold.
func openAESGCM(_ ciphertext: [UInt8], tag: [UInt8], key: [UInt8], nonce: [UInt8], beside: [UInt8]) -> [UInt8]? {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var (count, tag) = (Int32(0), tag)
    var plaintext = [UInt8](repeating: 0, count: ciphertext.count + 16)
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
        EVP_DecryptUpdate(context, nil, &count, beside, Int32(beside.count)) == 1,
        ciphertext.isEmpty
            || EVP_DecryptUpdate(context, &plaintext, &count, ciphertext, Int32(ciphertext.count)) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
    else { return nil }
    var rest = [UInt8](repeating: 0, count: 16)
    guard EVP_DecryptFinal_ex(context, &rest, &count) == 1 else { return nil }
    return Array(plaintext.prefix(ciphertext.count))
}
