/// How the end of a body is found (RFC 9112 §6).
enum HTTPFraming: Equatable {
    case length(Int)
    case chunked
    case untilClose

    /// The framing of a request. What two readers could understand differently is refused.
    static func request(
        _ headers: HTTPHeaders, minorVersion: Int, limits: HTTPLimits
    ) throws(HTTPError) -> HTTPFraming {
        try explicit(headers, minorVersion: minorVersion, limits: limits) ?? .length(0)
    }

    /// The framing of a response with `status` to a request with `method`.
    static func response(
        _ headers: HTTPHeaders, status: Int, method: String, minorVersion: Int, limits: HTTPLimits
    ) throws(HTTPError) -> HTTPFraming {
        if HTTPStatus.forbidsBody(status) || method == "HEAD" { return .length(0) }
        return try explicit(headers, minorVersion: minorVersion, limits: limits) ?? .untilClose
    }

    private static func explicit(
        _ headers: HTTPHeaders, minorVersion: Int, limits: HTTPLimits
    ) throws(HTTPError) -> HTTPFraming? {
        let lengths = headers.count(of: "content-length")
        guard headers["transfer-encoding"] == nil else {
            guard lengths == 0 else { throw .conflictingFraming }
            // HTTP/1.0 knows no transfer codings: some other reader has ignored this one.
            guard minorVersion == 1 else { throw .malformedTransferEncoding }
            try requireChunked(headers)
            return .chunked
        }
        guard let text = headers["content-length"] else { return nil }
        guard lengths == 1 else { throw .malformedContentLength }
        return .length(try length(text, limits: limits))
    }

    /// Fails unless chunked is the last coding, once, and the only one, in a single field without empty elements,
    /// which other readers might see otherwise.
    private static func requireChunked(_ headers: HTTPHeaders) throws(HTTPError) {
        func isChunked(_ coding: String) -> Bool {
            HTTPCharacters.equalIgnoringCase(coding.utf8, "chunked".utf8)
        }
        let codings = headers.list("transfer-encoding")
        guard let last = codings.last, isChunked(last), codings.filter(isChunked).count == 1 else {
            throw .malformedTransferEncoding
        }
        guard codings.count == 1 else { throw .unsupportedTransferCoding }
        let values = headers.all("transfer-encoding")
        guard values.count == 1, values.allSatisfy(isChunked) else { throw .malformedTransferEncoding }
    }

    private static func length(_ text: String, limits: HTTPLimits) throws(HTTPError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy(HTTPCharacters.isDigit) else { throw .malformedContentLength }
        // A number that is well-formed but beyond 64 bits is merely too large.
        guard let value = Int(text), value <= limits.bodyBytes else { throw .bodyTooLarge }
        return value
    }

    /// Whether the connection outlives the message (RFC 9112 §9.3).
    static func keepsAlive(_ headers: HTTPHeaders, minorVersion: Int) -> Bool {
        if headers.list("connection", contains: "close") { return false }
        return minorVersion == 1 || headers.list("connection", contains: "keep-alive")
    }
}
