import Foundation
import TestCertificates
import Testing

@testable import Reactor

struct TLSIdentityTests {
    private let folder: CertificateFolder
    private let pair: CertificateFolder.Pair

    init() throws {
        folder = try CertificateFolder()
        pair = try folder.issue("server")
    }

    private func failure(_ certificate: String, _ key: String) -> TLSFileError? {
        do throws(TLSFileError) {
            _ = try TLSIdentity(certificateFile: certificate, keyFile: key)
            return nil
        } catch { return error }
    }

    @Test func aPairIsReadWithItsSpan() throws {
        let identity = try TLSIdentity(certificateFile: pair.certificate, keyFile: pair.key)
        let now = Int64(Date().timeIntervalSince1970)
        #expect(identity.notBefore <= now && (now + 86_400...now + 3 * 86_400).contains(identity.notAfter))
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let missing = folder.file("missing.pem")
        #expect(failure(missing, pair.key)?.description == "\(missing): open: No such file or directory")
        #expect(failure(pair.certificate, missing)?.description == "\(missing): open: No such file or directory")
    }

    @Test func theKeyMustBeTheCertificates() throws {
        let other = try folder.issue("other")
        #expect(
            failure(pair.certificate, other.key)
                == .mismatch(certificate: pair.certificate, key: other.key))
    }

    @Test func aKeyForEverybodyIsRefused() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: pair.key)
        #expect(failure(pair.certificate, pair.key) == .exposed(path: pair.key))
        // A group may share it, as Debian's ssl-cert does.
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: pair.key)
        #expect(failure(pair.certificate, pair.key) == nil)
    }

    @Test(arguments: ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func whatIsNoPEMIsRefused(text: String) throws {
        let file = folder.file("bad.pem")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(failure(file, pair.key)?.description.hasPrefix("\(file): holds no PEM certificate") == true)
        #expect(failure(pair.certificate, file)?.description.hasPrefix("\(file): holds no unencrypted") == true)
        #expect(throws: TLSFileError.self) { try TLSContext(client: .file(file)) }
        #expect(throws: TLSFileError.self) { try TLSContext(client: .file(folder.folder.path)) }
    }

    @Test func aChainGoesWithTheCertificate() throws {
        let chain =
            try Data(contentsOf: URL(fileURLWithPath: pair.certificate))
            + Data(contentsOf: URL(fileURLWithPath: folder.authority))
        let file = folder.file("chain.pem")
        try chain.write(to: URL(fileURLWithPath: file))
        #expect(failure(file, pair.key) == nil)
        // Cut off in the middle of the second one.
        try chain.dropLast(60).write(to: URL(fileURLWithPath: file))
        #expect(failure(file, pair.key) != nil)
    }
}
