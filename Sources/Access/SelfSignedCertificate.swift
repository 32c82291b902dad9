import COpenSSL
import Glibc

/// A certificate that vouches for itself, for a developer's own machine: `localhost`, 127.0.0.1 and ::1, P-256.
///
/// Clients believe it by being given its file; it can sign no others.
public struct SelfSignedCertificate: Hashable, Sendable {
    /// The PEM file of the certificate.
    public let certificateFile: String
    /// The PEM file of its key, mode 0600.
    public let keyFile: String

    private static let names = "DNS:localhost,IP:127.0.0.1,IP:::1"
    private static let day = 86_400
    private static let lifetimeSeconds = 90 * day

    /// The certificate of a directory; a new one is made where there is none, or the old one has a day left at most.
    public static func loadOrCreate(directory: String) throws(KeyError) -> SelfSignedCertificate {
        let made = SelfSignedCertificate(
            certificateFile: directory + "/tls-certificate.pem", keyFile: directory + "/tls-key.pem")
        if made.isGood { return made }
        unlink(made.certificateFile)
        unlink(made.keyFile)
        let key = EVPKey.generateP256()
        try SecretFile.create(made.keyFile, key.privatePEM)
        try SecretFile.create(made.certificateFile, certificate(of: key))
        return made
    }

    /// Whether both files are there, belong together and last.
    private var isGood: Bool {
        guard let text = try? SecretFile.readPublic(certificateFile), let keyText = try? SecretFile.read(keyFile),
            let key = EVPKey(privatePEM: keyText), let source = BIO_new_mem_buf(text, Int32(text.count))
        else { return false }
        defer {
            BIO_free(source)
            ERR_clear_error()
        }
        // The source points into `text`, which must live until it is read.
        let certificate = withExtendedLifetime(text) { PEM_read_bio_X509(source, nil, nil, nil) }
        defer { X509_free(certificate) }
        guard let certificate, X509_check_private_key(certificate, key.pointer) == 1 else { return false }
        var soon = time(nil) + Self.day
        return X509_cmp_time(X509_get0_notAfter(certificate), &soon) > 0
    }

    /// A fresh certificate of the key, as PEM.
    private static func certificate(of key: EVPKey) -> [UInt8] {
        guard let certificate = X509_new(), let sink = BIO_new(BIO_s_mem()) else {
            preconditionFailure("out of memory")
        }
        defer {
            X509_free(certificate)
            BIO_free(sink)
        }
        X509_set_version(certificate, 2)
        // Positive, as a serial number must be.
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), SecureRandom.uint64() >> 1 | 1)
        // A clock that is a little behind accepts it, too.
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600)
        X509_gmtime_adj(X509_getm_notAfter(certificate), lifetimeSeconds)
        X509_set_pubkey(certificate, key.pointer)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, "NeuroGrid development", -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        add(NID_subject_alt_name, names, to: certificate)
        add(NID_basic_constraints, "critical,CA:FALSE", to: certificate)
        add(NID_key_usage, "critical,digitalSignature", to: certificate)
        add(NID_ext_key_usage, "serverAuth", to: certificate)
        precondition(X509_sign(certificate, key.pointer, EVP_sha256()) > 0, "this key cannot sign")
        precondition(PEM_write_bio_X509(sink, certificate) == 1, "a certificate could not be written")
        var text = [UInt8](repeating: 0, count: SecretFile.maximumBytes)
        let count = BIO_read(sink, &text, Int32(text.count))
        precondition(count > 0, "a certificate could not be written")
        text.removeLast(text.count - Int(count))
        return text
    }

    private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        guard let made = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            preconditionFailure("OpenSSL does not know \(value)")
        }
        defer { X509_EXTENSION_free(made) }
        precondition(X509_add_ext(certificate, made, -1) == 1, "out of memory")
    }
}
