import Bytes
import Web

extension FuzzTarget {
    /// The request parser: the same requests however the bytes are cut, within limits, unambiguously framed.
    static let httpRequest = FuzzTarget("http-request") { input in
        let whole = try HTTPRequestRun.trace(input, .whole)
        for cutting in [Cutting.bytes, .scattered] {
            let other = try HTTPRequestRun.trace(input, cutting)
            try require(other == whole, "cut into \(cutting): \(other), but whole: \(whole)")
        }
    }
}

/// One connection's requests, checked as they come.
private struct HTTPRequestRun {
    private var parser = HTTPRequestParser(limits: .tight)
    private var seen = HTTPTrace()
    /// The length of the present body; `nil` where it comes in chunks.
    private var announced: Int?
    private var bodyBytes = 0

    static func trace(_ input: UnsafeRawBufferPointer, _ cutting: Cutting) throws -> HTTPTrace {
        var run = HTTPRequestRun()
        try cutting.forEach(input) { try run.take($0) }
        run.seen.isWithin = run.parser.isWithinRequest
        return run.seen
    }

    private mutating func take(_ piece: UnsafeMutableRawBufferPointer) throws {
        var cursor = InputCursor(piece)
        do {
            while let event = try parser.next(&cursor) { try note(event) }
            try require(seen.error == nil, "a parser went on after its error")
            try require(cursor.isEmpty, "input was left over")
        } catch let error as HTTPError {
            try require(seen.error == nil || seen.error == error, "an error gave way to another")
            try require((400...505).contains(error.status), "an error has no status")
            seen.error = error
        }
    }

    private mutating func note(_ event: HTTPRequestEvent) throws {
        switch event {
        case .head(let head):
            try check(head)
            (announced, bodyBytes) = (head.contentLength, 0)
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

    private func check(_ head: HTTPRequestHead) throws {
        try head.headers.checkIntegrity(limits: .tight)
        try head.headers.checkFraming()
        try require(head.target.utf8.count <= HTTPLimits.tight.targetBytes, "a target beyond its limit")
        try require(head.minorVersion == 0 || head.headers.count(of: "host") == 1, "a request without one host")
        let isPlain = head.path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        try require(isPlain, "a path with control characters")
        if head.path.hasPrefix("/") {
            try require("/" + head.pathSegments.joined(separator: "/") == head.path, "segments that are not the path")
        }
        _ = head.queryValue("token")
        switch WebSocketHandshake.accept(head, subprotocols: ["neurogrid.agent.v1", "neurogrid.v1"]) {
        case .success(let accept):
            var response = ByteBuffer()
            accept.writeResponse(into: &response)
            try require(Self.isOneHead(response), "a handshake's answer that is not one head")
        case .failure(let refusal):
            try require((400...499).contains(refusal.status), "a handshake refused with status \(refusal.status)")
        }
    }

    /// Whether nothing in the response ends it early.
    private static func isOneHead(_ response: ByteBuffer) -> Bool {
        response.withBytes { bytes in
            let end = [UInt8]("\r\n\r\n".utf8)
            let first = bytes.indices.first { bytes[$0...].starts(with: end) }
            return first.map { $0 + end.count } == bytes.count
        }
    }

    private static func text(_ head: HTTPRequestHead) -> String {
        [
            head.method, head.target, head.path, head.query, String(head.minorVersion), head.host,
            "\(head.keepAlive) \(head.expectsContinue) \(head.isWebSocketUpgrade)",
            head.contentLength.map(String.init) ?? "chunked", head.headers.trace,
        ].joined(separator: "\u{3}")
    }
}
