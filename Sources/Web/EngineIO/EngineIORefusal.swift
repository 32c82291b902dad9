public import Bytes

/// Why a request to an Engine.IO path is not served. The status and the JSON body are what clients know.
public enum EngineIORefusal: Error, Hashable, Sendable, CaseIterable {
    /// `transport` is missing or neither `polling` nor `websocket`.
    case unknownTransport
    /// There is no session of that `sid`, or no more.
    case unknownSession
    /// A session is opened with GET.
    case badHandshakeMethod
    /// The request does not fit its transport or its session.
    case badRequest
    /// Whoever asks may not.
    case forbidden
    /// `EIO` is missing or not 4.
    case unsupportedVersion
    /// The body is larger than `maxPayload`. The session goes on.
    case payloadTooLarge

    /// The status of the answer: 400, 403 or 413.
    public var status: Int {
        switch self {
        case .unknownTransport, .unknownSession, .badHandshakeMethod, .badRequest, .unsupportedVersion: 400
        case .forbidden: 403
        case .payloadTooLarge: 413
        }
    }

    /// The number in the answer's body, 0 to 5; `nil` where the answer has no body.
    public var code: Int? {
        switch self {
        case .unknownTransport: 0
        case .unknownSession: 1
        case .badHandshakeMethod: 2
        case .badRequest: 3
        case .forbidden: 4
        case .unsupportedVersion: 5
        case .payloadTooLarge: nil
        }
    }

    /// The words in the answer's body.
    public var message: StaticString {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedVersion: "Unsupported protocol version"
        case .payloadTooLarge: ""
        }
    }

    /// The answer's body, to be sent as `application/json`; empty where there is no ``code``.
    public var body: ByteBuffer {
        guard let code else { return ByteBuffer() }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("code", code)
        writer.field("message", static: message)
        writer.endObject()
        return writer.buffer
    }
}
