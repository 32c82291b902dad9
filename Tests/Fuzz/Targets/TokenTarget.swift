import Access
import Bytes
import Grid

extension FuzzTarget {
    /// Token verification: nothing is accepted that the one key did not sign, in whatever form it comes.
    static let jwt = FuzzTarget("jwt") { input in
        try TokenForger.present(input)
        try TokenForger.present(signed: input)
    }
}

/// Tries tokens on a verifier with a known secret, and on one whose private keys were thrown away.
private enum TokenForger {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)
    private static let secret = [UInt8]("a secret that only this test knows".utf8)
    private static let secretHolder = verifier { [try JWTKey(secret: SigningSecret(bytes: secret))] }
    private static let strangers = verifier { try [edwards, curve, rsa].map { try JWTKey(publicPEM: pem($0)) } }

    /// Presents the input as a token.
    static func present(_ token: UnsafeRawBufferPointer) throws {
        try require(!isAccepted(token, strangers), "a token was accepted that nobody can have signed")
        guard isAccepted(token, secretHolder) else { return }
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        try require(parts.count == 3, "a token of \(parts.count) parts was accepted")
        let input = [UInt8](token.dropLast(parts[2].count + 1))
        try require([UInt8](parts[2]) == signature(of: input), "a signature was accepted that is not the key's")
        try requireAlgorithm(in: [UInt8](parts[0]))
    }

    /// Signs the input's first line as the header and the rest as the payload, and presents that.
    static func present(signed input: UnsafeRawBufferPointer) throws {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let parts = lines.map { Base64.encode([UInt8]($0), urlSafe: true, padded: false) }
        let signed = [UInt8](parts.joined(separator: ".").utf8)
        var token = signed + [UInt8(ascii: ".")] + signature(of: signed)
        try token.withUnsafeBytes { try present($0) }
        // The same with another signature: the last character but one has no padding bits.
        let place = token.count - 2
        token[place] = token[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        try require(!token.withUnsafeBytes { isAccepted($0, secretHolder) }, "an altered signature was accepted")
    }

    /// Whether the token is accepted; what it claims must then be in order.
    private static func isAccepted(_ token: UnsafeRawBufferPointer, _ verifier: JWTVerifier) -> Bool {
        guard let claims = try? verifier.verify(token, now: now) else { return false }
        let isInOrder =
            (1...Limits.userIDBytes).contains(claims.subject.text.utf8.count)
            && claims.expiresAt.adding(milliseconds: JWTVerifier.leewayMilliseconds) > now
            && claims.subject.text.unicodeScalars.allSatisfy { $0.value >= 0x20 }
        precondition(isInOrder, "claims were accepted that say nothing or are over")
        return true
    }

    private static func requireAlgorithm(in header: [UInt8]) throws {
        let json = header.withUnsafeBytes { Base64.decode($0, urlSafe: true) } ?? []
        let value = json.withUnsafeBytes { JSONOracle.value(of: $0, maximumDepth: 64) }
        guard case .object(let members)? = value else { throw FuzzFinding("a header that is no object was accepted") }
        let algorithms = members.filter { $0.key == [UInt8]("alg".utf8) }.map(\.value)
        try require(algorithms == [.string([UInt8]("HS256".utf8))], "the algorithms \(algorithms) were accepted")
    }

    // MARK: Keys

    /// HMAC-SHA-256 (RFC 2104) by hand, in base64url: what the third part of a token must be, to the letter.
    private static func signature(of input: [UInt8]) -> [UInt8] {
        let key = secret + [UInt8](repeating: 0, count: 64 - secret.count)
        let inner = SHA256.digest(key.map { $0 ^ 0x36 } + input).bytes
        let code = SHA256.digest(key.map { $0 ^ 0x5C } + inner).bytes
        return [UInt8](Base64.encode(code, urlSafe: true, padded: false).utf8)
    }

    private static func verifier(_ keys: () throws -> [JWTKey]) -> JWTVerifier {
        do {
            return try JWTVerifier(configuration: JWTConfiguration(keys: keys()))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func pem(_ body: String) -> [UInt8] {
        [UInt8]("-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----\n".utf8)
    }

    private static let edwards = "MCowBQYDK2VwAyEAxV2ElxzSYF9v16kaMOAITw3DV3PIAbPD47veA8Hf2A4="
    private static let curve = """
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuRDJq+fc7vzI+4pRPMfpH5tDq+GV
        FLs0aCCh/aje+nwGwRnQ+KDqVEPT9IaVJOy8MqhNsUvXIKB3saDsTWFZ7g==
        """
    private static let rsa = """
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAirx0ZsQUuhHYN9aHD57+
        wB6fUVEySGw/Vb9tyfQEDLWeUoBX+bIkgew40OLIHG8DXhVsE8U6sosyedifQLw6
        7pYXhJM6/YNdo8esIxiKSF+A8e0WDvySyNiN4Gu8cUUL37YoePpkR4JMgHSBkX1g
        8fWpiyQfNxD5NXFfvu9banLtVqa2J7hX2AV73y4nxpry5lC5B2MVJh3EEeV3ofjJ
        0XIAFJmmlLk1ZR4/K19XlRsXi7C6R2lW2mdlwACdPRIPR+LP7YAzTzP0oGkDBzA7
        V8FOTlNyiTVs7FIRIG1egIMyOF6JUEnisbV+fgVq3fTAHz05BbOETUQUytERQbaC
        XwIDAQAB
        """
}
