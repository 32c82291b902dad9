internal import Bytes
internal import Web

/// The HTTP half of a connection; gone once something else has begun.
final class HTTPExchange {
    var parser: HTTPRequestParser
    var head: HTTPRequestHead?
    var body = ByteBuffer()
    /// A request is being answered.
    var isWaiting = false
    /// Pipelined input behind a request that is being answered.
    var heldInput = ByteBuffer()
    /// No request is taken after the one that is being answered.
    var isLast = false

    init(limits: HTTPLimits) { parser = HTTPRequestParser(limits: limits) }
}
