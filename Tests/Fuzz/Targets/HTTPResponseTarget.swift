import Web

extension FuzzTarget {
    /// The response parser: the same responses however the bytes are cut, to requests of any method; and what a client
    /// of ours agrees to is what it offered.
    static let httpResponse = FuzzTarget("http-response") { input in
        for method in ["GET", "HEAD"] {
            let whole = try HTTPResponseRun.trace(input, .whole, method: method)
            for cutting in [Cutting.bytes, .scattered] {
                let other = try HTTPResponseRun.trace(input, cutting, method: method)
                try require(other == whole, "\(method) cut into \(cutting): \(other), but whole: \(whole)")
            }
        }
    }
}

/// One connection's responses, checked as they come.
private struct HTTPResponseRun {
    private var parser: HTTPResponseParser
    private var seen = HTTPTrace()
    private var announced: Int?
    private var bodyBytes = 0
    private var isSwitched = false

    static func trace(_ input: UnsafeRawBufferPointer, _ cutting: Cutting, method: String) throws -> HTTPTrace {
        var run = HTTPResponseRun(parser: HTTPResponseParser(limits: .tight, requestMethod: method))
        try cutting.forEach(input) { try run.take($0) }
        do {
            if let event = try run.parser.finish() { try run.note(event) }
        } catch let error as HTTPError {
            try require(run.seen.error == nil || run.seen.error == error, "an error gave way to another")
            run.seen.error = error
        }
        return run.seen
    }

    private mutating func take(_ piece: UnsafeMutableRawBufferPointer) throws {
        var cursor = InputCursor(piece)
        do {
            while let event = try parser.next(&cursor) { try note(event) }
            try require(seen.error == nil, "a parser went on after its error")
            // What follows a change of protocol is not the parser's.
            try require(cursor.isEmpty || isSwitched, "input was left over")
        } catch let error as HTTPError {
            try require(seen.error == nil || seen.error == error, "an error gave way to another")
            seen.error = error
        }
    }

    private mutating func note(_ event: HTTPResponseEvent) throws {
        switch event {
        case .head(let head):
            try head.headers.checkIntegrity(limits: .tight)
            if parser.requestMethod != "HEAD", head.status >= 200, head.status != 204, head.status != 304 {
                try head.headers.checkFraming()
            }
            try require((100...599).contains(head.status), "a status of three other digits")
            try checkHandshake(head)
            (announced, bodyBytes, isSwitched) = (head.contentLength, 0, head.status == 101)
            seen.add(.head(Self.text(head)))
        case .body(let bytes):
            try require(!bytes.isEmpty, "an empty piece of a body")
            bodyBytes += bytes.count
            try require(bodyBytes <= HTTPLimits.tight.bodyBytes, "a body beyond its limit")
            seen.add(.body([UInt8](bytes)))
        case .end:
            try require(announced == nil || announced == bodyBytes, "a body of another length than announced")
            seen.add(.end)
        }
    }

    /// The head as the answer to a handshake of RFC 6455's own key.
    private func checkHandshake(_ head: HTTPResponseHead) throws {
        let agreement: WebSocketAgreement
        let deflate: WebSocketDeflate?
        do throws(WebSocketHandshakeError) {
            agreement = try WebSocketHandshake.verify(
                head, key: "dGhlIHNhbXBsZSBub25jZQ==", subprotocols: ["neurogrid.agent.v1"],
                extensions: [WebSocketDeflate.name])
            deflate = try WebSocketDeflate.agreed(by: agreement.extensions)
        } catch {
            return
        }
        try require(head.status == 101, "a connection was opened with status \(head.status)")
        try require(
            head.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "another key's answer was taken")
        try require(
            agreement.subprotocol.map { $0 == "neurogrid.agent.v1" } ?? true, "a subprotocol that was not offered")
        guard let deflate else { return }
        try require((8...15).contains(deflate.windowBits), "a window of \(deflate.windowBits) bits")
        try require(
            deflate.answer.lowercased().contains("server_no_context_takeover"),
            "a server may refer to earlier messages, which are gone")
    }

    private static func text(_ head: HTTPResponseHead) -> String {
        [
            String(head.status), head.reason, String(head.minorVersion), String(head.keepAlive),
            head.contentLength.map(String.init) ?? "open", head.headers.trace,
        ].joined(separator: "\u{3}")
    }
}
