public import Foundation

/// An authority and what it has signed, made with the `openssl` command, in a folder that goes with the object.
public final class CertificateFolder: Sendable {
    /// A certificate and its key, as files.
    public struct Pair: Sendable {
        public let certificate: String
        public let key: String
    }

    /// A command that failed, with what it said.
    public struct Failure: Error {
        public let output: String
    }

    public let folder: URL
    /// The file of the authority's own certificate.
    public var authority: String { file("authority.pem") }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]

    public init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try run(
            ["req", "-x509"] + Self.newKey + [
                "-keyout", file("authority.key"), "-out", authority, "-days", "2", "-subj", "/CN=Authority of a test",
            ])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A certificate signed by the authority.
    ///
    /// - Parameters:
    ///   - name: of its files, and its common name.
    ///   - usage: `serverAuth` or `clientAuth`.
    ///   - days: how long it is good from now; not more than -1 for one that has expired.
    public func issue(
        _ name: String, names: String = "DNS:localhost,IP:127.0.0.1", usage: String = "serverAuth", days: Int = 2
    ) throws -> Pair {
        let pair = Pair(certificate: file("\(name).pem"), key: file("\(name).key"))
        try run(
            ["req"] + Self.newKey + ["-keyout", pair.key, "-out", file("\(name).csr"), "-subj", "/CN=\(name)"])
        let extensions = "subjectAltName=\(names)\nextendedKeyUsage=\(usage)\n"
        try Data(extensions.utf8).write(to: folder.appendingPathComponent("\(name).ext"))
        try run([
            "x509", "-req", "-in", file("\(name).csr"), "-CA", authority, "-CAkey", file("authority.key"),
            "-CAcreateserial", "-days", "\(days)", "-extfile", file("\(name).ext"), "-out", pair.certificate,
        ])
        return pair
    }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(output: String(decoding: said, as: UTF8.self)) }
    }
}
