/// What comes out of a request parser.
public enum HTTPRequestEvent {
    /// A request begins.
    case head(HTTPRequestHead)
    /// The next bytes of its body, chunks undone. They lie in the input, or nowhere else: use them before the next
    /// call.
    case body(UnsafeRawBufferPointer)
    /// The request is complete.
    case end
}

/// The server's half of HTTP/1.1 (RFC 9112): bytes in, requests out.
///
/// Call ``next(_:)`` until it answers `nil`; then it has used the input up, and keeps at most the unfinished head.
/// Requests may follow each other without waiting (pipelining); answer them in order. After a head that is a WebSocket
/// upgrade which is accepted, drop the parser: what remains in the input belongs to the other protocol.
///
/// An error is final: answer its status, close the connection. The parser throws it again from then on.
public struct HTTPRequestParser {
    private enum Phase {
        case requestLine
        case fields(HTTPRequestLine)
        case body(HTTPBodyReader)
        /// The last request of the connection is complete: what follows is not looked at.
        case finished
        case failed(HTTPError)
    }

    /// Empty lines that are skipped before a request line: some clients send one after a body.
    private static let emptyLines = 2

    private let limits: HTTPLimits
    private var phase: Phase = .requestLine
    private var reader: HTTPHeadReader
    private var emptyLinesLeft = Self.emptyLines
    private var keepAlive = true

    /// A parser at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        reader = HTTPHeadReader(limits: limits)
    }

    /// Whether a request has begun and is not complete: what a deadline should watch.
    public var isWithinRequest: Bool {
        switch phase {
        case .requestLine: !reader.isAtLineStart
        case .fields, .body: true
        case .finished, .failed: false
        }
    }

    /// The next event; `nil` when more bytes are needed, or when the connection's last request is complete.
    public mutating func next(_ input: inout InputCursor) throws(HTTPError) -> HTTPRequestEvent? {
        do throws(HTTPError) {
            return try step(&input)
        } catch {
            phase = .failed(error)
            throw error
        }
    }

    private mutating func step(_ input: inout InputCursor) throws(HTTPError) -> HTTPRequestEvent? {
        while true {
            switch phase {
            case .requestLine:
                guard let line = try requestLine(&input) else { return nil }
                phase = .fields(line)
            case .fields(let line):
                guard try reader.fields(&input) else { return nil }
                return .head(try begin(line))
            case .body(var body):
                // Taken out, so that the reader is changed in place and not in a copy.
                phase = .finished
                let event = try body.next(&input)
                if case .end = event { return end() }
                phase = .body(body)
                guard case .bytes(let bytes) = event else { return nil }
                return .body(bytes)
            case .finished:
                input.discard()
                return nil
            case .failed(let error):
                throw error
            }
        }
    }

    private mutating func requestLine(_ input: inout InputCursor) throws(HTTPError) -> HTTPRequestLine? {
        while true {
            // The first byte decides at once, so that another protocol on this port does not wait for a deadline.
            if reader.isAtLineStart, let first = input.bytes.first, !HTTPCharacters.isToken(first) {
                let mayBeEmptyLine = first == HTTPCharacters.carriageReturn && emptyLinesLeft > 0
                guard mayBeEmptyLine else { throw .malformedRequestLine }
            }
            guard let line = try reader.line(&input, atMost: limits.startLineBytes, orElse: .targetTooLong)
            else { return nil }
            guard line.isEmpty else { return try HTTPRequestLine(reader.text(of: line), limits: limits) }
            guard emptyLinesLeft > 0 else { throw .malformedRequestLine }
            emptyLinesLeft -= 1
            reader.forgetLine()
        }
    }

    private mutating func begin(_ line: HTTPRequestLine) throws(HTTPError) -> HTTPRequestHead {
        let headers = reader.finish()
        let framing = try HTTPFraming.request(headers, minorVersion: line.minorVersion, limits: limits)
        let head = try HTTPRequestHead(line, headers: headers, framing: framing)
        keepAlive = head.keepAlive
        phase = .body(HTTPBodyReader(framing, limits: limits))
        return head
    }

    private mutating func end() -> HTTPRequestEvent {
        phase = keepAlive ? .requestLine : .finished
        emptyLinesLeft = Self.emptyLines
        return .end
    }
}
