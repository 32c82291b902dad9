import Bytes
import COpenSSL
import Glibc
import Grid

@testable import Access

/// Key pairs as an issuer of tokens would hold them, and tokens made with them.
struct IssuerKey: Sendable {
    let algorithm: JWTAlgorithm
    let publicPEM: [UInt8]
    private let key: EVPKey

    private init(_ algorithm: JWTAlgorithm, _ key: EVPKey) {
        self.algorithm = algorithm
        self.key = key
        publicPEM = pem { PEM_write_bio_PUBKEY($0, key.pointer) }
    }

    static let rsa = IssuerKey(.rs256, generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, 2048) })
    static let rsaOfAStranger = IssuerKey(
        .rs256, generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, 2048) })
    static let weakRSA = IssuerKey(.rs256, generate(EVP_PKEY_RSA) { EVP_PKEY_CTX_set_rsa_keygen_bits($0, 1024) })
    static let ec = IssuerKey(.es256, generate(EVP_PKEY_EC) { EVP_PKEY_CTX_set_group_name($0, "prime256v1") })
    static let ecOfAStranger = IssuerKey(
        .es256, generate(EVP_PKEY_EC) { EVP_PKEY_CTX_set_group_name($0, "prime256v1") })
    static let p384 = IssuerKey(.es256, generate(EVP_PKEY_EC) { EVP_PKEY_CTX_set_group_name($0, "secp384r1") })
    static let edwards = IssuerKey(.edDSA, generate(EVP_PKEY_ED25519) { _ in 1 })
    static let edwardsOfAStranger = IssuerKey(.edDSA, generate(EVP_PKEY_ED25519) { _ in 1 })
    static let montgomery = IssuerKey(.edDSA, generate(EVP_PKEY_X25519) { _ in 1 })

    static let asymmetric = [rsa, ec, edwards]

    var privatePEM: [UInt8] { key.privatePEM }

    /// The private key under a password.
    var encryptedPrivatePEM: [UInt8] {
        pem { PEM_write_bio_PKCS8PrivateKey($0, key.pointer, EVP_aes_256_cbc(), "secret", 6, nil, nil) }
    }

    /// The signature as it stands in a token.
    func sign(_ input: [UInt8]) -> [UInt8] {
        let signature = input.withUnsafeBytes { key.sign($0, hashed: algorithm != .edDSA) }
        return algorithm == .es256 ? raw(fromDER: signature) : signature
    }

    /// The signature as OpenSSL makes it.
    func signUnconverted(_ input: [UInt8]) -> [UInt8] {
        input.withUnsafeBytes { key.sign($0, hashed: algorithm != .edDSA) }
    }

    private func raw(fromDER der: [UInt8]) -> [UInt8] {
        der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            let signature = d2i_ECDSA_SIG(nil, &start, bytes.count)
            defer { ECDSA_SIG_free(signature) }
            var numbers = [UInt8](repeating: 0, count: 64)
            numbers.withUnsafeMutableBufferPointer { target in
                _ = BN_bn2binpad(ECDSA_SIG_get0_r(signature), target.baseAddress, 32)
                _ = BN_bn2binpad(ECDSA_SIG_get0_s(signature), target.baseAddress! + 32, 32)
            }
            return numbers
        }
    }

    private static func generate(_ kind: Int32, _ configure: (OpaquePointer?) -> Int32) -> EVPKey {
        let context = EVP_PKEY_CTX_new_id(kind, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var pointer: OpaquePointer?
        precondition(EVP_PKEY_keygen_init(context) == 1)
        precondition(configure(context) == 1)
        precondition(EVP_PKEY_keygen(context, &pointer) == 1)
        return EVPKey(owning: pointer!)
    }
}

private func pem(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
    let sink = BIO_new(BIO_s_mem())
    defer { BIO_free(sink) }
    precondition(write(sink) == 1)
    var text = [UInt8](repeating: 0, count: 16384)
    let count = BIO_read(sink, &text, Int32(text.count))
    return Array(text[..<Int(count)])
}

/// HMAC-SHA-256 with any key, short ones too.
func authenticationCode(_ input: [UInt8], key: [UInt8]) -> [UInt8] {
    let key = EVPKey(hmacSecret: key)
    return input.withUnsafeBytes { key.sign($0, hashed: true) }
}

func base64URL(_ bytes: [UInt8]) -> String { Base64.encode(bytes, urlSafe: true, padded: false) }
func base64URL(_ text: String) -> String { base64URL([UInt8](text.utf8)) }

/// A token in the compact form of these two JSON texts.
func token(header: String, payload: String, _ sign: ([UInt8]) -> [UInt8]) -> String {
    let input = base64URL(header) + "." + base64URL(payload)
    return input + "." + base64URL(sign([UInt8](input.utf8)))
}

/// A directory of one test's own, gone with it.
final class ScratchDirectory {
    let path: String

    init() {
        var template = [UInt8]("/tmp/access-tests-XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
        precondition(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// The names of the files in it, sorted.
    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func mode(of name: String) -> UInt32 {
        var status = stat()
        precondition(stat(path + "/" + name, &status) == 0)
        return status.st_mode & 0o7777
    }

    func write(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o600) {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        precondition(descriptor >= 0)
        precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        fchmod(descriptor, mode)
        close(descriptor)
    }
}
