/// Why a connection fails: what to send in the close frame before the socket is closed.
public struct WebSocketError: Error, Sendable {
    /// 1002 the protocol was broken, 1007 a text is not UTF-8 or compressed data are none, 1009 a message is too large
    /// or in too many pieces.
    public let closeCode: UInt16
    /// A sentence of at most 123 ASCII bytes, so that it fits into a close frame.
    public let reason: StaticString

    static func protocolError(_ reason: StaticString) -> WebSocketError {
        WebSocketError(closeCode: WebSocketCloseCode.protocolError, reason: reason)
    }

    static let invalidText = WebSocketError(closeCode: WebSocketCloseCode.invalidText, reason: "invalid UTF-8")
    static let invalidCompression = WebSocketError(
        closeCode: WebSocketCloseCode.invalidText, reason: "invalid compressed data")
    static let tooLarge = WebSocketError(closeCode: WebSocketCloseCode.tooLarge, reason: "message too large")
    static let tooManyFragments = WebSocketError(closeCode: WebSocketCloseCode.tooLarge, reason: "too many fragments")
}
