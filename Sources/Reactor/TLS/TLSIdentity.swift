import COpenSSL
import Glibc

/// A certificate with its chain and private key: who this side of a connection is.
///
/// `@unchecked Sendable`: none of it changes once read, and OpenSSL counts references atomically.
public final class TLSIdentity: @unchecked Sendable {
    /// The certificate is good from here…
    public let notBefore: Int64
    /// …to here, in seconds since 1970.
    public let notAfter: Int64
    /// The file of the certificate, for messages.
    public let certificateFile: String
    private var certificates: [OpaquePointer] = []
    private let key: OpaquePointer

    /// Reads the PEM files: the certificate first, the authorities that lead to its root behind it; and its
    /// unencrypted key.
    public init(certificateFile: String, keyFile: String) throws(TLSFileError) {
        let chain = try PEMFile.read(certificateFile)
        let keyText = try PEMFile.read(keyFile, isSecret: true)
        let certificates = PEMFile.withSource(chain) { source in
            var found: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509(source, nil, refusePassword, nil) { found.append(certificate) }
            return found
        }
        // Reading on ends with an error, be it only the end of the text.
        let isWhole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        ERR_clear_error()
        let key = PEMFile.withSource(keyText) { PEM_read_bio_PrivateKey($0, nil, refusePassword, nil) }
        do throws(TLSFileError) {
            guard isWhole, let leaf = certificates.first else {
                throw .unusable(path: certificateFile, reason: "holds no PEM certificate, or a broken one")
            }
            guard let key else { throw .takingQueue(path: keyFile, "holds no unencrypted PEM private key") }
            guard X509_check_private_key(leaf, key) == 1 else {
                ERR_clear_error()
                throw .mismatch(certificate: certificateFile, key: keyFile)
            }
            self.key = key
            notBefore = Self.seconds(X509_get0_notBefore(leaf))
            notAfter = Self.seconds(X509_get0_notAfter(leaf))
        } catch {
            for certificate in certificates { X509_free(certificate) }
            EVP_PKEY_free(key)
            throw error
        }
        self.certificateFile = certificateFile
        self.certificates = certificates
    }

    deinit {
        for certificate in certificates { X509_free(certificate) }
        EVP_PKEY_free(key)
    }

    /// Lets a context present this identity.
    func install(in context: OpaquePointer) throws(TLSFileError) {
        ERR_clear_error()
        var isTaken = SSL_CTX_use_certificate(context, certificates[0]) == 1
        for authority in certificates.dropFirst() where isTaken {
            isTaken = copenssl_add_chain_certificate(context, authority) == 1
        }
        isTaken = isTaken && SSL_CTX_use_PrivateKey(context, key) == 1
        guard isTaken else { throw .takingQueue(path: certificateFile, "cannot be used") }
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return Int64(timegm(&parts))
    }
}

/// Keys here are never encrypted; without this OpenSSL would ask for a password on the terminal.
private let refusePassword:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
        { _, _, _, _ in -1 }
