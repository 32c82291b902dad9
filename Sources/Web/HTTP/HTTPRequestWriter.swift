public import Bytes

/// Writes the client's messages. What it says about fields is what ``HTTPResponseWriter`` says.
public enum HTTPRequestWriter {
    /// Writes a whole request.
    ///
    /// `method` and `host` must be a token and an authority; `target` must start with a slash and hold visible ASCII
    /// only. Without a body no length is written, except for methods that announce one (POST, PUT, PATCH).
    ///
    /// - Returns: how many fields were left out for their value.
    @discardableResult
    public static func write(
        method: String, target: String, host: String, headers: [(String, String)] = [],
        body: UnsafeRawBufferPointer? = nil, keepAlive: Bool = true, into buffer: inout ByteBuffer
    ) -> Int {
        appendStart(method: method, target: target, host: host, into: &buffer)
        let omitted = HTTPFieldWriter.append(headers, into: &buffer)
        if let body {
            HTTPFieldWriter.appendContentLength(body.count, into: &buffer)
        } else if ["POST", "PUT", "PATCH"].contains(method) {
            HTTPFieldWriter.appendContentLength(0, into: &buffer)
        }
        buffer.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n")
        if let body { buffer.append(body) }
        return omitted
    }

    /// Writes the head of a request whose body follows in chunks, see ``appendChunk(_:into:)``.
    ///
    /// - Returns: how many fields were left out for their value.
    @discardableResult
    public static func writeChunkedHead(
        method: String, target: String, host: String, headers: [(String, String)] = [], keepAlive: Bool = true,
        into buffer: inout ByteBuffer
    ) -> Int {
        appendStart(method: method, target: target, host: host, into: &buffer)
        let omitted = HTTPFieldWriter.append(headers, into: &buffer)
        buffer.append("Transfer-Encoding: chunked\r\n")
        buffer.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n")
        return omitted
    }

    /// Writes one chunk of a chunked body; nothing for no bytes.
    public static func appendChunk(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        HTTPChunk.append(bytes, into: &buffer)
    }

    /// Writes the end of a chunked body.
    public static func appendLastChunk(into buffer: inout ByteBuffer) { HTTPChunk.appendLast(into: &buffer) }

    /// Whether `target` can stand in a request line as the path and query of a request.
    public static func isUsableTarget(_ target: String) -> Bool {
        target.utf8.first == UInt8(ascii: "/") && target.utf8.allSatisfy(HTTPCharacters.isTarget)
    }

    /// Whether `host` can stand in a Host field: a name or an address, IPv6 in brackets, with or without a port.
    public static func isUsableHost(_ host: String) -> Bool { HTTPTarget.isAuthority(host.utf8) }

    static func appendStart(method: String, target: String, host: String, into buffer: inout ByteBuffer) {
        precondition(HTTPCharacters.isTokenText(method.utf8), "a method is a token")
        precondition(isUsableTarget(target), "a target is a path of visible ASCII")
        precondition(isUsableHost(host), "a host is a name or an address, with or without a port")
        buffer.append(method)
        buffer.append(HTTPCharacters.space)
        buffer.append(target)
        buffer.append(" HTTP/1.1\r\n")
        HTTPFieldWriter.appendSafe("Host", host, into: &buffer)
    }
}
