public import Bytes

/// Why a request is not served, as an HTTP response.
public struct HTTPRefusal: Error, Sendable {
    /// The status code of the response.
    public var status: Int
    /// A sentence for people. It never repeats what the peer sent.
    public var message: String
    /// Fields that the response carries.
    public var headers: [(String, String)]

    /// A refusal with that status.
    public init(status: Int, message: String, headers: [(String, String)] = []) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// Writes the response, after which the connection closes.
    public func writeResponse(into buffer: inout ByteBuffer) {
        var message = message
        message.withUTF8 { text in
            _ = HTTPResponseWriter.write(
                status: status, headers: headers + [("Content-Type", "text/plain; charset=utf-8")],
                body: UnsafeRawBufferPointer(text), keepAlive: false, into: &buffer)
        }
    }
}

/// A handshake that is in order and has only to be answered.
public struct WebSocketAccept: Sendable {
    /// The client's key, as it stands.
    public var key: String
    /// The subprotocol agreed upon; `nil` when none of those offered is served here.
    public var subprotocol: String?
    /// The subprotocols that the client offered, the one it likes best first.
    public var offeredSubprotocols: [String]
    /// The page's origin as the browser states it; `nil` from clients that are no browsers.
    public var origin: String?
    /// The extensions that the client offered, in its order and with their parameters, not yet judged.
    public var offeredExtensions: [String]

    /// The answer to the client's key.
    public var acceptValue: String { WebSocketHandshake.acceptValue(forKey: key) }

    /// Writes the response that changes the protocol; what follows it are frames.
    ///
    /// `extensions` is the agreed value of `Sec-WebSocket-Extensions`.
    /// - Returns: how many of `headers` were left out for their value.
    @discardableResult
    public func writeResponse(
        extensions: String? = nil, headers: [(String, String)] = [], into buffer: inout ByteBuffer
    ) -> Int {
        buffer.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        buffer.append("Sec-WebSocket-Accept: ")
        WebSocketHandshake.appendAcceptValue(forKey: key, into: &buffer)
        buffer.append("\r\n")
        if let subprotocol { HTTPFieldWriter.appendSafe("Sec-WebSocket-Protocol", subprotocol, into: &buffer) }
        if let extensions {
            precondition(HTTPFieldWriter.isSafe(extensions), "extensions are ours to spell")
            HTTPFieldWriter.appendSafe("Sec-WebSocket-Extensions", extensions, into: &buffer)
        }
        let omitted = HTTPFieldWriter.append(headers, into: &buffer)
        buffer.append("\r\n")
        return omitted
    }
}

/// The opening handshake of RFC 6455 §4, both sides of it.
public enum WebSocketHandshake {
    /// The only version there is.
    static let version = "13"
    private static let identifier: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// The value of `Sec-WebSocket-Accept` that answers `key`, which is taken as it stands.
    public static func acceptValue(forKey key: String) -> String {
        var buffer = ByteBuffer()
        appendAcceptValue(forKey: key, into: &buffer)
        return buffer.text
    }

    /// Appends the value that answers `key`.
    static func appendAcceptValue(forKey key: String, into buffer: inout ByteBuffer) {
        var text = ByteBuffer(capacity: 64)
        text.append(key)
        text.append(identifier)
        let digest = text.withBytes { SHA1.digest($0) }
        digest.withUnsafeBytes { Base64.encode($0, into: &buffer) }
    }

    /// Whether `key` is 16 bytes in Base64. Bits behind the last byte may be set: the key is a nonce and means nothing.
    private static func isKey(_ key: String) -> Bool {
        var key = key
        return key.withUTF8 { text in
            guard text.count == 24, text[22] == UInt8(ascii: "="), text[23] == UInt8(ascii: "=") else { return false }
            return text[..<22].allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
        }
    }

    /// Judges a client's handshake. `subprotocols` are those served here; of them the one that the client likes best is
    /// taken, or none.
    ///
    /// The origin is not judged but handed on: which are allowed is the caller's to know.
    public static func accept(
        _ head: HTTPRequestHead, subprotocols: [String] = []
    ) -> Result<WebSocketAccept, HTTPRefusal> {
        guard head.method == "GET" else {
            return refuse(405, "a WebSocket handshake is a GET", [("Allow", "GET")])
        }
        guard head.isWebSocketUpgrade else {
            return refuse(426, "this resource speaks WebSocket only", [("Upgrade", "websocket")])
        }
        guard head.headers.count(of: "sec-websocket-version") <= 1 else {
            return refuse(400, "Sec-WebSocket-Version must be sent once")
        }
        guard head.headers["sec-websocket-version"] == version else {
            let headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", version)]
            return refuse(426, "the WebSocket version spoken here is 13", headers)
        }
        guard let key = head.headers["sec-websocket-key"], head.headers.count(of: "sec-websocket-key") == 1, isKey(key)
        else {
            return refuse(400, "Sec-WebSocket-Key must be 16 bytes in Base64, sent once")
        }
        guard head.contentLength == 0 else { return refuse(400, "a WebSocket handshake has no body") }
        guard head.headers.count(of: "origin") <= 1 else { return refuse(400, "Origin must be sent once") }
        let offered = head.headers.list("sec-websocket-protocol")
        guard offered.allSatisfy({ HTTPCharacters.isTokenText($0.utf8) }) else {
            return refuse(400, "a subprotocol is a token")
        }
        return .success(
            WebSocketAccept(
                key: key, subprotocol: offered.first(where: subprotocols.contains),
                offeredSubprotocols: offered, origin: head.headers["origin"],
                offeredExtensions: head.headers.list("sec-websocket-extensions")))
    }

    private static func refuse(
        _ status: Int, _ message: String, _ headers: [(String, String)] = []
    ) -> Result<WebSocketAccept, HTTPRefusal> {
        .failure(HTTPRefusal(status: status, message: message, headers: headers))
    }
}
