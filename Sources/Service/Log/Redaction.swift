/// The query parameters whose values are bearer secrets, in lower case without separators.
private let secretParameters: Set<String> = [
    "token", "accesstoken", "refreshtoken", "idtoken", "jointoken", "authtoken", "bearertoken", "xtoken", "jwt",
    "apikey", "xapikey", "key", "secret", "clientsecret", "password", "passwd", "pass", "auth", "authorization",
    "bearer",
    "credential", "credentials", "signature", "sig", "ticket", "sid", "session", "sessionid",
]

/// A request target or URL with the values of its secret query parameters, and any user and password, blotted out.
///
/// `/ws?token=eyJ…&room=nodes` becomes `/ws?token=[redacted]&room=nodes`. Names are compared without regard to case,
/// `-`, `_` and percent-escapes; a value that has the shape of a JWT is blotted out under any name.
public func redactingQueryTokens(_ target: String) -> String {
    var result = ""
    var rest = Substring(target)
    if let authority = redactedAuthority(target) {
        result = authority.text
        rest = authority.rest
    }
    guard let start = rest.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return result + rest }
    result += rest[..<start]
    rest = rest[start...]
    // Each round copies one separator and one `name=value` behind it.
    while let separator = rest.first {
        result.append(separator)
        rest = rest.dropFirst()
        let pair = rest.prefix { !"&;?#".contains($0) }
        rest = rest[pair.endIndex...]
        guard let equals = pair.firstIndex(of: "=") else {
            result += hasTokenShape(pair) ? "[redacted]" : String(pair)
            continue
        }
        let name = pair[..<equals]
        let value = pair[pair.index(after: equals)...]
        let isSecret = !value.isEmpty && (isSecretName(String(name)) || hasTokenShape(value))
        result += name + "=" + (isSecret ? "[redacted]" : value)
    }
    return result
}

/// `scheme://user:password@` of a URL without its user and password, and what follows; `nil` if there are none.
private func redactedAuthority(_ target: String) -> (text: String, rest: Substring)? {
    let scheme = target.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    let behind = target[scheme.endIndex...]
    guard !scheme.isEmpty, behind.hasPrefix("://") else { return nil }
    let authority = behind.dropFirst(3).prefix { !"/?#".contains($0) }
    guard let at = authority.lastIndex(of: "@") else { return nil }
    return (scheme + "://[redacted]", target[at...])
}

/// Whether what goes by `name`, a parameter or a key, is a bearer secret.
func isSecretName(_ name: String) -> Bool { secretParameters.contains(plainName(name)) }

/// A parameter name decoded, in lower case, letters and digits only.
private func plainName(_ name: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(name.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self).lowercased().filter { $0.isLetter || $0.isNumber }
}

/// Whether `value` is three base64url parts between full stops, the first an encoded `{"`.
private func hasTokenShape(_ value: Substring) -> Bool {
    value.hasPrefix("eyJ") && value.split(separator: ".", omittingEmptySubsequences: false).count >= 3
}
