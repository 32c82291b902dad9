/// An agreement on permessage-deflate (RFC 7692), as one end of a connection sees it.
///
/// Both ends compress every message by itself (`server_no_context_takeover`, `client_no_context_takeover`): what a
/// server sends to many is compressed once, and neither end keeps a window between messages.
public struct WebSocketDeflate: Hashable, Sendable {
    /// The base-2 logarithm of the window with which this end may compress, 8 to 15. zlib cannot keep to 8: there
    /// this end compresses nothing, as it always may.
    public let windowBits: Int
    /// What the server answers in `Sec-WebSocket-Extensions`.
    public let answer: String

    /// The extension's name.
    public static let name = WebSocketDeflateParameters.name
    /// What a client offers in `Sec-WebSocket-Extensions`: to be verified with ``agreed(by:)``.
    public static let offer = "\(agreement); client_max_window_bits"

    /// What both ends keep to.
    private static let agreement = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    private static let greatestWindowBits = WebSocketCompressor.greatestWindowBits

    /// The first of a client's offers that a server can keep to; `nil` where there is none.
    ///
    /// - Parameter offers: the elements of `Sec-WebSocket-Extensions` in their order
    ///   (``WebSocketAccept/offeredExtensions``). Malformed ones are passed over.
    public static func accepted(from offers: [String]) -> WebSocketDeflate? {
        for offer in offers {
            guard let parameters = WebSocketDeflateParameters(offer) else { continue }
            let bits = parameters.serverMaxWindowBits ?? greatestWindowBits
            guard WebSocketCompressor.windowBitsRange.contains(bits) else { continue }
            // An offered window must be answered. The client's own needs no answer: what it sends is inflated with
            // the greatest one.
            let window = parameters.serverMaxWindowBits.map { "; server_max_window_bits=\($0)" } ?? ""
            return WebSocketDeflate(windowBits: bits, answer: agreement + window)
        }
        return nil
    }

    /// What a server's answer to ``offer`` comes to; `nil` when it declines.
    ///
    /// - Parameter extensions: ``WebSocketAgreement/extensions``.
    /// - Throws: ``WebSocketHandshakeError/unexpectedExtension`` where the answer has a parameter that is malformed,
    ///   lacks `server_no_context_takeover`, or names anything besides.
    public static func agreed(by extensions: [String]) throws(WebSocketHandshakeError) -> WebSocketDeflate? {
        guard let element = extensions.first else { return nil }
        guard extensions.count == 1, let parameters = WebSocketDeflateParameters(element),
            parameters.serverNoContextTakeover
        else { throw .unexpectedExtension }
        switch parameters.clientMaxWindowBits {
        case nil: return WebSocketDeflate(windowBits: greatestWindowBits, answer: element)
        case .bits(let bits): return WebSocketDeflate(windowBits: bits, answer: element)
        // An answer names the size (RFC 7692 §7.1.2.2).
        case .unsized: throw .unexpectedExtension
        }
    }
}
