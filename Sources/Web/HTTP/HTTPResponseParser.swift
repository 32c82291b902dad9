/// The head of a response.
public struct HTTPResponseHead: Sendable {
    /// The status code, 100 to 599.
    public var status: Int
    /// The phrase beside the status, perhaps empty. It means nothing to programs.
    public var reason: String
    /// 0 or 1, of HTTP/1.
    public var minorVersion: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// Whether the connection may serve another request after this response.
    public var keepAlive: Bool
    /// The length of the body in bytes; `nil` when it comes in chunks or ends with the connection.
    public var contentLength: Int?

    /// Whether another head follows for the same request (100 to 199, but not 101).
    public var isInterim: Bool { status < 200 && status != 101 }
}

/// What comes out of a response parser.
public enum HTTPResponseEvent {
    /// A response begins, or is announced by an interim head, which has no body and no end.
    case head(HTTPResponseHead)
    /// The next bytes of the body, chunks undone. Use them before the next call.
    case body(UnsafeRawBufferPointer)
    /// The response is complete.
    case end
}

/// The client's half of HTTP/1.1 (RFC 9112): bytes in, responses out.
///
/// Call ``next(_:)`` until it answers `nil`, and ``finish()`` when the connection ends. After a head with status 101
/// the parser reads nothing more: what remains in the input belongs to the other protocol.
///
/// An error is final: close the connection. The parser throws it again from then on.
public struct HTTPResponseParser {
    private struct StatusLine {
        var status: Int
        var reason: String
        var minorVersion: Int
    }

    private enum Phase {
        case statusLine
        case fields(StatusLine)
        case body(HTTPBodyReader)
        case switched
        case finished
        case failed(HTTPError)
    }

    /// Interim responses that are read before one final response.
    private static let interimResponses = 8

    /// The method of the request whose response comes next; what it is when the head arrives counts. The response to
    /// HEAD has no body.
    public var requestMethod: String
    private let limits: HTTPLimits
    private var phase: Phase = .statusLine
    private var reader: HTTPHeadReader
    private var interimLeft = Self.interimResponses
    private var keepAlive = true

    /// A parser at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits(), requestMethod: String = "GET") {
        self.limits = limits
        self.requestMethod = requestMethod
        reader = HTTPHeadReader(limits: limits)
    }

    /// The next event; `nil` when more bytes are needed, or nothing more is to come.
    public mutating func next(_ input: inout InputCursor) throws(HTTPError) -> HTTPResponseEvent? {
        do throws(HTTPError) {
            return try step(&input)
        } catch {
            phase = .failed(error)
            throw error
        }
    }

    /// Tells the parser that the connection has ended: answers the end of a response that only this ends, and throws
    /// when it ended within one.
    public mutating func finish() throws(HTTPError) -> HTTPResponseEvent? {
        switch phase {
        case .statusLine where reader.isAtLineStart && interimLeft == Self.interimResponses,
            .switched, .finished:
            phase = .finished
            return nil
        case .body(let body) where body.endsWithConnection:
            phase = .finished
            return .end
        case .failed(let error):
            throw error
        case .statusLine, .fields, .body:
            phase = .failed(.truncated)
            throw .truncated
        }
    }

    private mutating func step(_ input: inout InputCursor) throws(HTTPError) -> HTTPResponseEvent? {
        while true {
            switch phase {
            case .statusLine:
                guard let line = try reader.line(&input, atMost: limits.headBytes, orElse: .headTooLarge)
                else { return nil }
                phase = .fields(try Self.statusLine(reader.text(of: line)))
            case .fields(let line):
                guard try reader.fields(&input) else { return nil }
                return .head(try begin(line))
            case .body(var body):
                phase = .finished
                let event = try body.next(&input)
                if case .end = event {
                    phase = keepAlive ? .statusLine : .finished
                    return .end
                }
                phase = .body(body)
                guard case .bytes(let bytes) = event else { return nil }
                return .body(bytes)
            case .switched:
                return nil
            case .finished:
                input.discard()
                return nil
            case .failed(let error):
                throw error
            }
        }
    }

    private mutating func begin(_ line: StatusLine) throws(HTTPError) -> HTTPResponseHead {
        let headers = reader.finish()
        let framing = try HTTPFraming.response(
            headers, status: line.status, method: requestMethod, minorVersion: line.minorVersion, limits: limits)
        var head = HTTPResponseHead(
            status: line.status, reason: line.reason, minorVersion: line.minorVersion, headers: headers,
            keepAlive: HTTPFraming.keepsAlive(headers, minorVersion: line.minorVersion), contentLength: nil)
        switch framing {
        case .length(let count): head.contentLength = count
        case .chunked: break
        case .untilClose: head.keepAlive = false
        }
        keepAlive = head.keepAlive
        if head.isInterim {
            guard interimLeft > 0 else { throw .tooManyInterimResponses }
            interimLeft -= 1
            phase = .statusLine
        } else {
            interimLeft = Self.interimResponses
            phase = head.status == 101 ? .switched : .body(HTTPBodyReader(framing, limits: limits))
        }
        return head
    }

    private static func statusLine(_ line: ArraySlice<UInt8>) throws(HTTPError) -> StatusLine {
        let minorVersion = try HTTPRequestLine.minorVersion(line.prefix(8), orElse: .malformedStatusLine)
        let digits = line.dropFirst(9).prefix(3)
        guard line.dropFirst(8).first == HTTPCharacters.space, digits.count == 3,
            digits.allSatisfy(HTTPCharacters.isDigit)
        else { throw .malformedStatusLine }
        let status = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let rest = line.dropFirst(12)
        // The blank after the status must be there, but is often not.
        guard (100...599).contains(status), rest.isEmpty || rest.first == HTTPCharacters.space,
            rest.allSatisfy(HTTPCharacters.isValue)
        else { throw .malformedStatusLine }
        return StatusLine(
            status: status, reason: String(decoding: rest.dropFirst(), as: UTF8.self), minorVersion: minorVersion)
    }
}
