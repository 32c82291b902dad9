internal import Grid
internal import Reactor
internal import Service

/// The files of the listener's TLS.
struct TLSFiles: Hashable, Sendable {
    var certificate: String
    var privateKey: String
    /// The authorities of agents; with them every agent has to show a certificate.
    var clientAuthorities: String?
}

/// The listener's TLS: what new connections begin with, exchanged when the operator has renewed the files.
final class EdgeTLS: Sendable {
    let files: TLSFiles
    private let current: Guarded<TLSContext>

    /// Reads the files. - Throws: which of them cannot be used, and why.
    init(files: TLSFiles, log: Log) throws(TLSFileError) {
        self.files = files
        current = Guarded(try Self.read(files, log: log))
    }

    /// What a new connection begins with.
    var context: TLSContext { current.withLock { $0 } }

    /// Reads the files again. Connections that stand go on as they are; where the files are bad, so does everything.
    func reload(log: Log) {
        do throws(TLSFileError) {
            let fresh = try Self.read(files, log: log)
            current.withLock { $0 = fresh }
            log.info("certificate re-read", ["certificate": LogValue(files.certificate)])
        } catch {
            log.error("the new certificate cannot be used, the old one stays", ["error": LogValue("\(error)")])
        }
    }

    private static func read(_ files: TLSFiles, log: Log) throws(TLSFileError) -> TLSContext {
        let identity = try TLSIdentity(certificateFile: files.certificate, keyFile: files.privateKey)
        let context = try TLSContext(server: identity, clientAuthorities: files.clientAuthorities)
        let now = HubDesk.now().wall.milliseconds / 1000
        if now > identity.notAfter {
            let end = Timestamp(milliseconds: identity.notAfter * 1000)
            log.warn(
                "the certificate has expired", ["certificate": LogValue(files.certificate), "at": LogValue("\(end)")])
        } else if now < identity.notBefore {
            let start = Timestamp(milliseconds: identity.notBefore * 1000)
            log.warn(
                "the certificate is not valid yet",
                ["certificate": LogValue(files.certificate), "from": LogValue("\(start)")])
        }
        return context
    }
}
