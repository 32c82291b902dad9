/// A request target taken apart (RFC 9112 §3.2).
struct HTTPTarget {
    /// The path, percent-decoded; `*` in the asterisk form.
    var path: String
    /// The path as it was sent.
    var rawPath: String
    /// What follows the first question mark, as it was sent; empty without one.
    var query: String
    /// The authority of an absolute target.
    var authority: String?

    /// Takes `target` apart: origin form, absolute form, or `*` for OPTIONS.
    init(_ target: ArraySlice<UInt8>, method: String) throws(HTTPError) {
        guard !target.isEmpty, target.allSatisfy(HTTPCharacters.isTarget) else { throw .malformedTarget }
        if method == "CONNECT" { throw .unsupportedMethod }
        if target.elementsEqual("*".utf8), method == "OPTIONS" {
            (path, rawPath, query) = ("*", "*", "")
            return
        }
        var rest = target
        if rest.first != UInt8(ascii: "/") {
            rest = try Self.afterScheme(rest)
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            guard end > rest.startIndex, Self.isAuthority(rest[..<end]) else { throw .malformedTarget }
            authority = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[end...]
        }
        let end = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        let raw = rest[..<end]
        query = String(decoding: rest[end...].dropFirst(), as: UTF8.self)
        // Some clients take a backslash for a slash; here it is neither.
        guard !raw.contains(UInt8(ascii: "\\")) else { throw .malformedTarget }
        rawPath = raw.isEmpty ? "/" : String(decoding: raw, as: UTF8.self)
        if raw.contains(UInt8(ascii: "%")) {
            guard let decoded = PercentEncoding.decode(raw, plusIsSpace: false) else { throw .malformedTarget }
            path = decoded
        } else {
            path = rawPath
        }
    }

    private static func afterScheme(
        _ target: ArraySlice<UInt8>
    ) throws(HTTPError) -> ArraySlice<UInt8> {
        let schemes: [StaticString] = ["http://", "https://", "ws://", "wss://"]
        for scheme in schemes where target.count > scheme.utf8CodeUnitCount {
            let start = target.prefix(scheme.utf8CodeUnitCount)
            let matches = scheme.withUTF8Buffer { HTTPCharacters.equalIgnoringCase(start, $0) }
            if matches { return target[start.endIndex...] }
        }
        throw .malformedTarget
    }

    /// Whether `text` is a host, or a bracketed IPv6 address, with or without a port.
    ///
    /// Narrower than RFC 3986: no user information, no escapes, no sub-delimiters, none of which a host that is
    /// really reached has, and all of which have confused routers.
    static func isAuthority(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        var host = text[...]
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[text.index(after: text.startIndex)..<close]
            let isAddress = address.allSatisfy {
                HTTPCharacters.hexadecimal($0) != nil || $0 == HTTPCharacters.colon || $0 == UInt8(ascii: ".")
            }
            guard isAddress, address.count >= 2, address.contains(HTTPCharacters.colon) else { return false }
            host = text[text.index(after: close)...]
            return host.isEmpty || isPort(host)
        }
        if let colon = text.firstIndex(of: HTTPCharacters.colon) {
            guard isPort(text[colon...]) else { return false }
            host = text[..<colon]
        }
        return !host.isEmpty && host.allSatisfy(HTTPCharacters.isHostName)
    }

    /// Whether `text` is a colon and a port, which may be empty.
    private static func isPort(_ text: some Collection<UInt8>) -> Bool {
        guard text.first == HTTPCharacters.colon, text.count <= 6 else { return false }
        let digits = text.dropFirst()
        guard digits.allSatisfy(HTTPCharacters.isDigit) else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65_535
    }
}
