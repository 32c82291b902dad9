/// Why a message cannot be understood or is not wanted. The connection it came on cannot be used any further.
public enum HTTPError: Error, Hashable, Sendable, CaseIterable {
    // The start line
    case malformedRequestLine
    case malformedStatusLine
    case malformedTarget
    case targetTooLong
    case unsupportedMethod
    case unsupportedVersion
    // The head
    case malformedLineEnd
    case malformedHeader
    case foldedHeader
    case headTooLarge
    case tooManyHeaders
    case invalidHost
    case unmetExpectation
    // The body
    case malformedContentLength
    case conflictingFraming
    case malformedTransferEncoding
    case unsupportedTransferCoding
    case malformedChunk
    case bodyTooLarge
    // The connection
    case truncated
    case tooManyInterimResponses
    /// Never thrown by a machine, which has no clock: for the caller whose deadline passed.
    case timeout

    /// The status code that a server answers: 400, 408, 413, 414, 417, 431, 501 or 505.
    public var status: Int {
        switch self {
        case .timeout: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .unmetExpectation: 417
        case .headTooLarge, .tooManyHeaders: 431
        case .unsupportedMethod, .unsupportedTransferCoding: 501
        case .unsupportedVersion: 505
        case .malformedRequestLine, .malformedStatusLine, .malformedTarget, .malformedLineEnd, .malformedHeader,
            .foldedHeader, .invalidHost, .malformedContentLength, .conflictingFraming, .malformedTransferEncoding,
            .malformedChunk, .truncated, .tooManyInterimResponses:
            400
        }
    }

    /// A stable word for programs and metrics.
    public var code: StaticString {
        switch self {
        case .malformedRequestLine: "MALFORMED_REQUEST_LINE"
        case .malformedStatusLine: "MALFORMED_STATUS_LINE"
        case .malformedTarget: "MALFORMED_TARGET"
        case .targetTooLong: "TARGET_TOO_LONG"
        case .unsupportedMethod: "UNSUPPORTED_METHOD"
        case .unsupportedVersion: "UNSUPPORTED_VERSION"
        case .malformedLineEnd: "MALFORMED_LINE_END"
        case .malformedHeader: "MALFORMED_HEADER"
        case .foldedHeader: "FOLDED_HEADER"
        case .headTooLarge: "HEAD_TOO_LARGE"
        case .tooManyHeaders: "TOO_MANY_HEADERS"
        case .invalidHost: "INVALID_HOST"
        case .unmetExpectation: "UNMET_EXPECTATION"
        case .malformedContentLength: "MALFORMED_CONTENT_LENGTH"
        case .conflictingFraming: "CONFLICTING_FRAMING"
        case .malformedTransferEncoding: "MALFORMED_TRANSFER_ENCODING"
        case .unsupportedTransferCoding: "UNSUPPORTED_TRANSFER_CODING"
        case .malformedChunk: "MALFORMED_CHUNK"
        case .bodyTooLarge: "BODY_TOO_LARGE"
        case .truncated: "TRUNCATED"
        case .tooManyInterimResponses: "TOO_MANY_INTERIM_RESPONSES"
        case .timeout: "TIMEOUT"
        }
    }

    /// A sentence for people. It never repeats what the peer sent.
    public var message: StaticString {
        switch self {
        case .malformedRequestLine: "the request line is not METHOD TARGET HTTP/1.1"
        case .malformedStatusLine: "the status line is not HTTP/1.1 and a status of three digits"
        case .malformedTarget: "the request target has a form or a character that is not allowed"
        case .targetTooLong: "the request target is too long"
        case .unsupportedMethod: "the method is not implemented"
        case .unsupportedVersion: "only HTTP/1.0 and HTTP/1.1 are spoken here"
        case .malformedLineEnd: "every line of a head ends with CR LF"
        case .malformedHeader: "a header field is not NAME: VALUE or has a character that is not allowed"
        case .foldedHeader: "a header field continues on the next line"
        case .headTooLarge: "the header fields are too large"
        case .tooManyHeaders: "there are too many header fields"
        case .invalidHost: "there must be exactly one valid Host field"
        case .unmetExpectation: "the only expectation met here is 100-continue"
        case .malformedContentLength: "Content-Length must be one decimal number, once"
        case .conflictingFraming: "Content-Length and Transfer-Encoding exclude each other"
        case .malformedTransferEncoding: "Transfer-Encoding must end in chunked, once, on HTTP/1.1"
        case .unsupportedTransferCoding: "the only transfer coding known here is chunked"
        case .malformedChunk: "a chunk is not framed as it should be"
        case .bodyTooLarge: "the body is too large"
        case .truncated: "the connection ended within a message"
        case .tooManyInterimResponses: "too many interim responses came before the final one"
        case .timeout: "the message took too long to arrive"
        }
    }
}
