public import Bytes
public import Web

/// A whole answer to one request.
public struct HTTPResponse {
    public var status: Int
    /// Further header fields; length and connection are the writer's business.
    public var headers: [(String, String)]
    public var body: ByteBuffer
    /// Whether the connection ends with this answer.
    public var closes: Bool

    public init(status: Int, headers: [(String, String)] = [], body: ByteBuffer = ByteBuffer(), closes: Bool = false) {
        self.status = status
        self.headers = headers
        self.body = body
        self.closes = closes
    }

    /// An answer with a JSON body.
    public static func json(
        _ status: Int, _ body: ByteBuffer, headers: [(String, String)] = [], closes: Bool = false
    ) -> HTTPResponse {
        let fields = [("Content-Type", "application/json"), ("Cache-Control", "no-store")] + headers
        return HTTPResponse(status: status, headers: fields, body: body, closes: closes)
    }
}

/// What a server does with a request.
public enum HTTPDecision {
    case respond(HTTPResponse)
    /// The answer follows by ``ServerConnection/respond(_:)``; later requests of the connection wait.
    case later
    /// Switch to WebSocket; ``ServerConnection/upgraded()`` follows. With the loop's inflater a client that offers
    /// permessage-deflate gets it.
    case upgrade(subprotocol: String?, inflater: WebSocketInflater? = nil)
}
