/// The head of a request, understood and judged: framing, host and expectation are as RFC 9112 wants them.
public struct HTTPRequestHead: Sendable {
    /// The method, case as sent: methods are case-sensitive.
    public var method: String
    /// The target as sent. It may hold secrets (`?token=`): log ``path`` instead.
    public var target: String
    /// The path of the target, percent-decoded and free of control characters; `*` for `OPTIONS *`. Dot segments
    /// stand as they came: routes are looked up, never walked.
    public var path: String
    /// What follows the target's first question mark, as sent; empty without one.
    public var query: String
    /// 0 or 1, of HTTP/1.
    public var minorVersion: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// The authority that the request is for: the target's if that is absolute, else that of the Host field; empty
    /// when an HTTP/1.0 client sent none.
    public var host: String
    /// Whether the connection may serve another request after this one.
    public var keepAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool
    /// The length of the body in bytes, 0 if there is none; `nil` when it comes in chunks.
    public var contentLength: Int?
    /// Whether the client asks for a change to the WebSocket protocol.
    public var isWebSocketUpgrade: Bool

    private var rawPath: String

    init(_ line: HTTPRequestLine, headers: HTTPHeaders, framing: HTTPFraming) throws(HTTPError) {
        method = line.method
        target = line.target
        path = line.parts.path
        rawPath = line.parts.rawPath
        query = line.parts.query
        minorVersion = line.minorVersion
        // An absolute target overrides the Host field, which must be in order nevertheless.
        let named = try Self.host(headers, minorVersion: line.minorVersion)
        host = line.parts.authority ?? named
        keepAlive = HTTPFraming.keepsAlive(headers, minorVersion: minorVersion)
        switch framing {
        case .length(let count): contentLength = count
        case .chunked, .untilClose: contentLength = nil
        }
        expectsContinue = try Self.expectsContinue(headers, minorVersion: minorVersion) && contentLength != 0
        isWebSocketUpgrade =
            minorVersion == 1 && headers.list("connection", contains: "upgrade")
            && headers.list("upgrade", contains: "websocket")
        self.headers = headers
    }

    /// The value of the first parameter of that name in the query, decoded; `nil` without one, or when its value has
    /// bad escapes.
    public func queryValue(_ name: String) -> String? { queryValues(name).first ?? nil }

    /// The values of all parameters of that name in the query, in order; `nil` for a value with bad escapes.
    public func queryValues(_ name: String) -> [String?] {
        query.utf8.split(separator: UInt8(ascii: "&")).compactMap { pair -> String?? in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard PercentEncoding.decode(pair[..<equals], plusIsSpace: true) == name else { return nil }
            return .some(PercentEncoding.decode(pair[equals...].dropFirst(), plusIsSpace: true))
        }
    }

    /// The path split at its slashes and then decoded, so that an escaped slash stays inside its segment. Empty
    /// segments are kept but for the one before the first slash.
    public var pathSegments: [String] {
        guard rawPath.utf8.first == UInt8(ascii: "/") else { return [rawPath] }
        return rawPath.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            // The whole path has been decoded without fault, so each part can be.
            PercentEncoding.decode($0, plusIsSpace: false) ?? ""
        }
    }

    /// The value of the only Host field (RFC 9112 §3.2).
    private static func host(_ headers: HTTPHeaders, minorVersion: Int) throws(HTTPError) -> String {
        let count = headers.count(of: "host")
        guard count == 1 || (count == 0 && minorVersion == 0) else { throw .invalidHost }
        let host = headers["host"] ?? ""
        guard host.isEmpty || HTTPTarget.isAuthority(host.utf8) else { throw .invalidHost }
        return host
    }

    /// Whether `100 Continue` is expected; anything else that is expected fails (RFC 9110 §10.1.1).
    private static func expectsContinue(_ headers: HTTPHeaders, minorVersion: Int) throws(HTTPError) -> Bool {
        guard minorVersion == 1, headers["expect"] != nil else { return false }
        let areMet = headers.all("expect").allSatisfy {
            HTTPCharacters.equalIgnoringCase($0.utf8, "100-continue".utf8)
        }
        guard areMet else { throw .unmetExpectation }
        return true
    }
}
