public import Bytes

/// Writes the server's messages.
///
/// Field names must be tokens and none of `Content-Length`, `Transfer-Encoding`, `Connection` and `Host`: these are
/// written here, or not at all. A field whose value holds a control character is left out and counted in the answer,
/// so that nothing can split a response; a caller that checks its input always sees 0.
public enum HTTPResponseWriter {
    /// How the body that follows a head is framed.
    public enum Body: Sendable {
        /// So many bytes follow, or would follow for a request other than HEAD.
        case length(Int)
        /// Chunks follow, see ``HTTPResponseWriter/appendChunk(_:into:)``. Only for HTTP/1.1 clients.
        case chunked
        /// Bytes follow until the connection ends; implies that it is not kept.
        case untilClose
    }

    /// Writes a whole response. Without a body the length is 0, except where the status forbids one (1xx, 204, 304).
    ///
    /// - Returns: how many fields were left out for their value.
    @discardableResult
    public static func write(
        status: Int, headers: [(String, String)] = [], body: UnsafeRawBufferPointer? = nil, keepAlive: Bool,
        into buffer: inout ByteBuffer
    ) -> Int {
        let omitted = writeHead(
            status: status, headers: headers, body: .length(body?.count ?? 0), keepAlive: keepAlive, into: &buffer)
        if let body {
            precondition(!HTTPStatus.forbidsBody(status), "this status has no body")
            buffer.append(body)
        }
        return omitted
    }

    /// Writes a head alone, `status` being 200 to 599. The body is the caller's, as announced.
    ///
    /// - Returns: how many fields were left out for their value.
    @discardableResult
    public static func writeHead(
        status: Int, headers: [(String, String)] = [], body: Body, keepAlive: Bool, into buffer: inout ByteBuffer
    ) -> Int {
        precondition((200...599).contains(status), "a final status")
        appendStatusLine(status, into: &buffer)
        let omitted = HTTPFieldWriter.append(headers, into: &buffer)
        var keepAlive = keepAlive
        switch body {
        case .length(let count):
            if !HTTPStatus.forbidsBody(status) { HTTPFieldWriter.appendContentLength(count, into: &buffer) }
        case .chunked: buffer.append("Transfer-Encoding: chunked\r\n")
        case .untilClose: keepAlive = false
        }
        // HTTP/1.0 clients keep a connection only when told so.
        buffer.append(keepAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
        return omitted
    }

    /// Writes the answer to an error of the parser: its message as plain text, after which the connection closes.
    public static func write(_ error: HTTPError, into buffer: inout ByteBuffer) {
        error.message.withUTF8Buffer { text in
            _ = write(
                status: error.status, headers: [("Content-Type", "text/plain; charset=utf-8")],
                body: UnsafeRawBufferPointer(text), keepAlive: false, into: &buffer)
        }
    }

    /// Writes `100 Continue`, which asks the client for the body it holds back.
    public static func writeContinue(into buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Writes one chunk of a chunked body. Nothing is written for no bytes, because an empty chunk would end the body.
    public static func appendChunk(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        HTTPChunk.append(bytes, into: &buffer)
    }

    /// Writes the end of a chunked body.
    public static func appendLastChunk(into buffer: inout ByteBuffer) { HTTPChunk.appendLast(into: &buffer) }

    static func appendStatusLine(_ status: Int, into buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: UInt64(status))
        buffer.append(HTTPCharacters.space)
        buffer.append(HTTPStatus.phrase(status))
        buffer.append("\r\n")
    }
}
