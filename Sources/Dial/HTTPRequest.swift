public import Web

/// One request, and the bounds of its response.
public struct HTTPRequest: Sendable {
    /// A token: `GET`, `POST`, …
    public var method: String
    /// Where to, and what for.
    public var url: ServiceURL
    /// A Unix socket to connect to in place of the URL's host and port.
    public var unixPath: String?
    /// Further fields.
    public var headers: [(String, String)] = []
    /// The body; nil sends none.
    public var body: [UInt8]?
    /// From the start to the last byte of the response.
    public var timeoutMilliseconds = 10_000
    /// The response's body, and its head by the defaults of `Web`.
    public var maximumBodyBytes = 16 << 20

    /// A request with the default bounds.
    public init(method: String = "GET", url: ServiceURL, body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.body = body
    }
}

/// A whole response.
public struct HTTPResponse: Sendable {
    /// 200 to 599; interim responses are skipped.
    public let status: Int
    /// Its fields.
    public let headers: HTTPHeaders
    /// Its body, chunks undone.
    public let body: [UInt8]
    /// The body as text; what is not UTF-8 is replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
