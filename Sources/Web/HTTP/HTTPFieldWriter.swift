import Bytes

/// Writes header fields so that no text given to it can end a field, a head or a message early.
enum HTTPFieldWriter {
    /// The fields that belong to the writers: two framings of one message are how requests get smuggled.
    private static let reserved = ["content-length", "transfer-encoding", "connection", "host"]

    /// Appends `headers`; answers how many were left out because their value would have split the message.
    ///
    /// A bad or reserved name is the programmer's fault and traps. A bad value may be the world's.
    static func append(_ headers: [(String, String)], into buffer: inout ByteBuffer) -> Int {
        var omitted = 0
        for (name, value) in headers {
            requireUsable(name)
            if isSafe(value) { appendSafe(name, value, into: &buffer) } else { omitted += 1 }
        }
        return omitted
    }

    /// Appends a field that the writer itself has made.
    static func appendSafe(_ name: String, _ value: String, into buffer: inout ByteBuffer) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
    }

    /// Appends the length of the body.
    static func appendContentLength(_ count: Int, into buffer: inout ByteBuffer) {
        buffer.append("Content-Length: ")
        buffer.append(decimal: UInt64(count))
        buffer.append("\r\n")
    }

    /// Whether `value` can stand in a field without ending it.
    static func isSafe(_ value: String) -> Bool { value.utf8.allSatisfy(HTTPCharacters.isValue) }

    private static func requireUsable(_ name: String) {
        precondition(HTTPCharacters.isTokenText(name.utf8), "a field's name is a token")
        precondition(
            !reserved.contains { HTTPCharacters.equalIgnoringCase($0.utf8, name.utf8) },
            "framing and routing fields are written by the writer")
    }
}
