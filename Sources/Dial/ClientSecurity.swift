import Reactor

/// The TLS of one dialer's connections, where their URLs ask for it.
final class ClientSecurity {
    private var context: TLSContext?

    /// - Parameter context: nil makes one that believes the machine's own store, when it is first needed.
    init(_ context: TLSContext?) { self.context = context }

    /// Takes another context for the connections to come.
    func use(_ context: TLSContext) { self.context = context }

    /// Secures a channel that is not adopted yet if the URL asks for it: the server must prove to be the URL's host.
    func secure(_ channel: Channel, for url: ServiceURL) {
        guard url.isSecure else { return }
        channel.secure(with: context ?? makeSystemContext(), serverName: url.host, port: url.port)
    }

    private func makeSystemContext() -> TLSContext {
        do throws(TLSFileError) {
            let made = try TLSContext(client: .system)
            context = made
            return made
        } catch {
            preconditionFailure("a context that reads no file failed: \(error)")
        }
    }
}
