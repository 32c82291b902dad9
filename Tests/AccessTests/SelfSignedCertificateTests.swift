import COpenSSL
import Foundation
import Testing

@testable import Access

struct SelfSignedCertificateTests {
    private let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("self-signed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func aCertificateIsMadeOnceAndKept() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try SelfSignedCertificate.loadOrCreate(directory: folder)
        let certificate = try text(first.certificateFile)
        #expect(certificate.hasPrefix("-----BEGIN CERTIFICATE-----"))
        #expect(try SelfSignedCertificate.loadOrCreate(directory: folder) == first)
        #expect(try text(first.certificateFile) == certificate)
        let mode = try FileManager.default.attributesOfItem(atPath: first.keyFile)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func whatDoesNotBelongTogetherIsMadeAnew() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try SelfSignedCertificate.loadOrCreate(directory: folder)
        let certificate = try text(made.certificateFile)
        try Data(EVPKey.generateP256().privatePEM).write(to: URL(fileURLWithPath: made.keyFile))
        _ = try SelfSignedCertificate.loadOrCreate(directory: folder)
        #expect(try text(made.certificateFile) != certificate)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "::1", "example.test"])
    func itIsForThisMachineOnly(name: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try SelfSignedCertificate.loadOrCreate(directory: folder)
        let source = BIO_new_file(made.certificateFile, "r")
        let certificate = PEM_read_bio_X509(source, nil, nil, nil)
        defer {
            X509_free(certificate)
            BIO_free(source)
        }
        let isAddress = X509_check_ip_asc(certificate, name, 0) == 1
        let isName = X509_check_host(certificate, name, 0, 0, nil) == 1
        #expect((isAddress || isName) == (name != "example.test"))
        #expect(X509_check_ca(certificate) == 0)
        #expect(X509_verify(certificate, X509_get0_pubkey(certificate)) == 1)
    }
}
