@testable import Web

/// What a parser made of some input, in a form that can be compared: bodies joined, heads told in a line.
struct SeenHTTP: Equatable, CustomStringConvertible {
    /// `head …`, `body …`, `end`, in order; pieces of one body are joined.
    var events: [String] = []
    /// The error that ended it.
    var error: HTTPError?
    /// Bytes of the input that no machine read, of the last piece.
    var unread = 0

    /// How much was left unread depends on the cut and does not count.
    static func == (left: SeenHTTP, right: SeenHTTP) -> Bool {
        left.events == right.events && left.error == right.error
    }

    var description: String { events.joined(separator: " | ") + (error.map { " ! \($0)" } ?? "") }

    mutating func add(body: UnsafeRawBufferPointer) {
        // Byte by byte, so that the text does not depend on how the body was cut.
        let text = String(String.UnicodeScalarView(body.map(UnicodeScalar.init)))
        if let last = events.last, last.hasPrefix("body ") {
            events[events.count - 1] = last + text
        } else {
            events.append("body " + text)
        }
    }

    /// What a request parser makes of `feeding`.
    static func requests(_ feeding: Feeding, limits: HTTPLimits = HTTPLimits()) -> SeenHTTP {
        var seen = SeenHTTP()
        var parser = HTTPRequestParser(limits: limits)
        feeding.forEach { cursor in
            guard seen.error == nil else { return }
            do throws(HTTPError) {
                while let event = try parser.next(&cursor) {
                    switch event {
                    case .head(let head): seen.events.append("head \(head.method) \(head.target) \(head.minorVersion)")
                    case .body(let bytes): seen.add(body: bytes)
                    case .end: seen.events.append("end")
                    }
                }
            } catch {
                seen.error = error
            }
            seen.unread = cursor.remaining.count
        }
        return seen
    }

    /// What a response parser makes of `feeding`, and of the connection's end where `closes`.
    static func responses(
        _ feeding: Feeding, limits: HTTPLimits = HTTPLimits(), method: String = "GET", closes: Bool = false
    ) -> SeenHTTP {
        var seen = SeenHTTP()
        var parser = HTTPResponseParser(limits: limits, requestMethod: method)
        func add(_ event: HTTPResponseEvent) {
            switch event {
            case .head(let head): seen.events.append("head \(head.status) \(head.reason)")
            case .body(let bytes): seen.add(body: bytes)
            case .end: seen.events.append("end")
            }
        }
        feeding.forEach { cursor in
            guard seen.error == nil else { return }
            do throws(HTTPError) {
                while let event = try parser.next(&cursor) { add(event) }
            } catch {
                seen.error = error
            }
            seen.unread = cursor.remaining.count
        }
        if closes, seen.error == nil {
            do throws(HTTPError) {
                if let event = try parser.finish() { add(event) }
            } catch {
                seen.error = error
            }
        }
        return seen
    }
}

/// The head of the first request in `text`, or the error that it ends in.
func requestHead(_ text: String, limits: HTTPLimits = HTTPLimits()) throws -> HTTPRequestHead? {
    var parser = HTTPRequestParser(limits: limits)
    var found: HTTPRequestHead?
    try Feeding.whole([UInt8](text)).forEach { cursor in
        if case .head(let head) = try parser.next(&cursor) { found = head }
    }
    return found
}

/// The head of the first response in `text`, or the error that it ends in.
func responseHead(_ text: String, method: String = "GET") throws -> HTTPResponseHead? {
    var parser = HTTPResponseParser(requestMethod: method)
    var found: HTTPResponseHead?
    try Feeding.whole([UInt8](text)).forEach { cursor in
        if case .head(let head) = try parser.next(&cursor) { found = head }
    }
    return found
}
