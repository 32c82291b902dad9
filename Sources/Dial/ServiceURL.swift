import Web

/// Why a text does not name a service that can be reached.
public enum ServiceURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The scheme is missing, or none of `ws`, `http`, `wss`, `https`.
    case unknownScheme
    /// A user name or a password stands before the host.
    case credentials
    /// The host is missing or has characters that no host has.
    case badHost
    /// The port is no number from 1 to 65535.
    case badPort
    /// The path or the query has characters that must be percent-encoded, or a fragment follows.
    case badPath

    /// One line for the person who wrote the URL.
    public var description: String {
        switch self {
        case .unknownScheme: "the URL must begin with ws://, wss://, http:// or https://"
        case .credentials: "a URL must not carry a user name or password"
        case .badHost: "the URL's host is missing or malformed"
        case .badPort: "the URL's port must be a number from 1 to 65535"
        case .badPath: "the URL's path or query has characters that are not allowed there"
        }
    }
}

/// A service's address: `wss://host:port/path?query`, or the same with `ws`, `http` or `https`.
public struct ServiceURL: Hashable, Sendable, CustomStringConvertible {
    /// `ws`, `wss`, `http` or `https`.
    public let scheme: String
    /// A name or an address; IPv6 without its brackets.
    public let host: String
    /// 1 to 65535; where the URL names none, 443 with TLS and else 80.
    public let port: UInt16
    /// Path and query as they stand in the request line; at least `/`.
    public let target: String

    /// Reads a URL.
    public init(parsing text: String) throws(ServiceURLError) {
        guard let colon = text.range(of: "://") else { throw .unknownScheme }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard ["ws", "wss", "http", "https"].contains(scheme) else { throw .unknownScheme }
        let rest = text[colon.upperBound...]
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        guard !authority.contains("@") else { throw .credentials }
        (host, port) = try Self.hostAndPort(authority, defaultPort: Self.defaultPort(of: scheme))
        self.scheme = scheme
        var target = String(rest[authorityEnd...])
        if target.first != "/" { target = "/" + target }
        guard HTTPRequestWriter.isUsableTarget(target), !target.contains("#") else { throw .badPath }
        self.target = target
    }

    private init(scheme: String, host: String, port: UInt16, target: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.target = target
    }

    /// The same service at another path, which must begin with a slash and be percent-encoded where needed.
    public func with(target: String) throws(ServiceURLError) -> ServiceURL {
        guard HTTPRequestWriter.isUsableTarget(target), !target.contains("#") else { throw .badPath }
        return ServiceURL(scheme: scheme, host: host, port: port, target: target)
    }

    /// Whether the service is reached through TLS.
    public var isSecure: Bool { Self.isSecure(scheme) }

    private static func isSecure(_ scheme: String) -> Bool { scheme == "wss" || scheme == "https" }

    private static func defaultPort(of scheme: String) -> UInt16 { isSecure(scheme) ? 443 : 80 }

    /// What the `Host` field says: the port only where it is not the scheme's own.
    public var hostField: String {
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return port == Self.defaultPort(of: scheme) ? bracketed : "\(bracketed):\(port)"
    }

    /// The URL for logs: its query, which may hold a token, is left out.
    public var description: String {
        let path = target.prefix { $0 != "?" }
        let query = path.endIndex == target.endIndex ? "" : "?…"
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)\(query)"
    }

    private static func hostAndPort(
        _ authority: Substring, defaultPort: UInt16
    ) throws(ServiceURLError) -> (String, UInt16) {
        var host = authority
        var digits: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw .badHost }
            host = authority[authority.index(after: authority.startIndex)..<end]
            guard host.contains(":") else { throw .badHost }
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.first == ":" else { throw .badHost }
            if !behind.isEmpty { digits = behind.dropFirst() }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        let written = authority.first == "[" ? "[\(host)]" : String(host)
        guard !host.isEmpty, HTTPRequestWriter.isUsableHost(written) else { throw .badHost }
        guard let digits else { return (String(host), defaultPort) }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits), port > 0
        else { throw .badPort }
        return (String(host), port)
    }
}

extension String {
    /// The first place of `text`, found without Foundation.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
