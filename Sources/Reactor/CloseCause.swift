/// Why a channel ended.
public enum CloseCause: Hashable, Sendable {
    /// Our side closed it.
    case local
    /// The peer ended its stream and nothing was left to say.
    case endOfStream
    /// The connection failed: reset, timed out, unreachable.
    case failed(SystemError)
    /// TLS could not be agreed on, or broke.
    case tls(TLSError)
    /// Its deadline passed.
    case deadline
    /// Its private queue ran over.
    case queueOverflow
    /// Its loop was closed.
    case loopClosed
}
