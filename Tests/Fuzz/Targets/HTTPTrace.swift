import Web

/// What a parser made of an input, in a form that can be compared: bodies joined, heads as texts.
struct HTTPTrace: Equatable {
    enum Event: Equatable {
        case head(String)
        case body([UInt8])
        case end
    }

    private(set) var events: [Event] = []
    var error: HTTPError?
    /// Whether a message has begun and is not complete.
    var isWithin = false

    /// Notes an event; pieces of one body are joined.
    mutating func add(_ event: Event) {
        guard case .body(let piece) = event, case .body(let before)? = events.last else {
            events.append(event)
            return
        }
        events[events.count - 1] = .body(before + piece)
    }
}

extension HTTPHeaders {
    /// All fields as one text.
    var trace: String {
        (0..<count).map { name(at: $0) + "\u{1}" + value(at: $0) }.joined(separator: "\u{2}")
    }

    /// Fails where a field could be taken for two, or the framing for another.
    func checkIntegrity(limits: HTTPLimits) throws(FuzzFinding) {
        try require(count <= limits.headerCount, "too many header fields were taken")
        for index in 0..<count {
            let isClean = (name(at: index) + value(at: index)).utf8.allSatisfy { $0 != 0x0D && $0 != 0x0A && $0 != 0 }
            try require(isClean, "a header field holds a line end or NUL")
        }
    }

    /// Fails where two readers could disagree about the end of the body.
    func checkFraming() throws(FuzzFinding) {
        let lengths = self.count(of: "content-length")
        try require(lengths <= 1, "two lengths were taken")
        try require(lengths == 0 || self["transfer-encoding"] == nil, "two framings were taken")
    }
}

extension HTTPLimits {
    /// Small enough for a fuzzer to reach every bound.
    static let tight = HTTPLimits(headBytes: 1024, headerCount: 16, targetBytes: 256, bodyBytes: 512)
}
