/// The rules about the number that a close frame carries (RFC 6455 §7.4 and the registry kept since).
public enum WebSocketCloseCode {
    /// The purpose for which the connection was made is fulfilled.
    public static let normal: UInt16 = 1000
    /// The end is going away: a server that stops, a page that is left.
    public static let goingAway: UInt16 = 1001
    /// The peer broke the protocol.
    public static let protocolError: UInt16 = 1002
    /// The peer sent a kind of data that is not accepted.
    public static let unsupportedData: UInt16 = 1003
    /// A text is not UTF-8, or what is said to be compressed is not.
    public static let invalidText: UInt16 = 1007
    /// A message is too large, or is in too many pieces.
    public static let tooLarge: UInt16 = 1009

    /// Whether an end may send `code`: the registered codes that are meant for the wire, and 3000 to 4999.
    public static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
