public import Bytes

/// Why a server's answer to a handshake does not open a connection.
public enum WebSocketHandshakeError: Error, Hashable, Sendable {
    /// The server answered with another status than 101: it does not serve this request here or now.
    case refused(status: Int)
    /// `Upgrade` or `Connection` do not say that the protocol changes.
    case notUpgraded
    /// The answer to our key is missing or wrong: whoever answered does not speak WebSocket, or not to us.
    case wrongAccept
    /// The server chose a subprotocol that was not offered, or more than one.
    case unexpectedSubprotocol
    /// The server uses an extension that was not offered.
    case unexpectedExtension
}

/// What both ends have agreed upon, as the client learns it.
public struct WebSocketAgreement: Hashable, Sendable {
    /// The subprotocol that the server chose among those offered; `nil` when it chose none.
    public var subprotocol: String?
    /// The extensions that the server agreed to, with their parameters.
    public var extensions: [String]
}

extension WebSocketHandshake {
    /// The text of a key made of 16 random bytes.
    public static func key(entropy: [UInt8]) -> String {
        precondition(entropy.count == 16, "a key has 16 bytes")
        return Base64.encode(entropy)
    }

    /// The request that opens a connection to `path` (with its query, if any) at `host` (with its port, if any).
    ///
    /// What ``HTTPRequestWriter`` demands of its arguments is demanded here. `subprotocols` are tokens, the one liked
    /// best first; `key` is from ``key(entropy:)``, a new one for every connection. `extensions` is what is offered in
    /// `Sec-WebSocket-Extensions`.
    public static func clientRequest(
        host: String, path: String, key: String, subprotocols: [String] = [], headers: [(String, String)] = [],
        extensions: String? = nil
    ) -> ByteBuffer {
        precondition(subprotocols.allSatisfy { HTTPCharacters.isTokenText($0.utf8) }, "a subprotocol is a token")
        precondition(HTTPFieldWriter.isSafe(key) && extensions.map(HTTPFieldWriter.isSafe) ?? true)
        var buffer = ByteBuffer(capacity: 512)
        HTTPRequestWriter.appendStart(method: "GET", target: path, host: host, into: &buffer)
        buffer.append("Upgrade: websocket\r\nConnection: Upgrade\r\n")
        HTTPFieldWriter.appendSafe("Sec-WebSocket-Key", key, into: &buffer)
        HTTPFieldWriter.appendSafe("Sec-WebSocket-Version", version, into: &buffer)
        if !subprotocols.isEmpty {
            let offered = subprotocols.joined(separator: ", ")
            HTTPFieldWriter.appendSafe("Sec-WebSocket-Protocol", offered, into: &buffer)
        }
        if let extensions { HTTPFieldWriter.appendSafe("Sec-WebSocket-Extensions", extensions, into: &buffer) }
        _ = HTTPFieldWriter.append(headers, into: &buffer)
        buffer.append("\r\n")
        return buffer
    }

    /// Judges the server's answer to the request made with `key`.
    ///
    /// - Parameters:
    ///   - subprotocols: those that were offered.
    ///   - extensions: the names of the extensions that were offered.
    public static func verify(
        _ response: HTTPResponseHead, key: String, subprotocols: [String] = [], extensions: [String] = []
    ) throws(WebSocketHandshakeError) -> WebSocketAgreement {
        guard response.status == 101 else { throw .refused(status: response.status) }
        let headers = response.headers
        guard headers.list("upgrade", contains: "websocket"), headers.list("connection", contains: "upgrade") else {
            throw .notUpgraded
        }
        guard headers.all("sec-websocket-accept") == [acceptValue(forKey: key)] else { throw .wrongAccept }
        let chosen = headers.all("sec-websocket-protocol")
        guard chosen.count <= 1, chosen.allSatisfy(subprotocols.contains) else { throw .unexpectedSubprotocol }
        let agreed = headers.list("sec-websocket-extensions")
        let areOffered = agreed.allSatisfy { element in
            let name = element.split(separator: ";", omittingEmptySubsequences: false)[0]
            return extensions.contains { HTTPCharacters.equalIgnoringCase($0.utf8, name.utf8.filter { $0 > 0x20 }) }
        }
        guard areOffered else { throw .unexpectedExtension }
        return WebSocketAgreement(subprotocol: chosen.first, extensions: agreed)
    }
}
