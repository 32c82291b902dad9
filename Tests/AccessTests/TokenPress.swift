import Bytes
import Grid

@testable import Access

/// An issuer with one key of each algorithm, and the verifier that trusts exactly these.
struct TokenPress {
    static let seconds: Int64 = 1_700_000_000
    static let now = Timestamp(milliseconds: seconds * 1000)
    static let secret = [UInt8]("0123456789abcdef0123456789abcdef".utf8)

    let verifier: JWTVerifier

    init() {
        do {
            verifier = try Self.verifier(issuer: nil, audience: nil)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func verifier(issuer: String?, audience: String?) throws(KeyError) -> JWTVerifier {
        try Self.verifier(issuer: issuer, audience: audience)
    }

    private static func verifier(issuer: String?, audience: String?) throws(KeyError) -> JWTVerifier {
        var keys: [JWTKey] = []
        for algorithm in JWTAlgorithm.allCases { keys.append(try key(algorithm)) }
        return try JWTVerifier(configuration: JWTConfiguration(keys: keys, issuer: issuer, audience: audience))
    }

    func key(_ algorithm: JWTAlgorithm) throws(KeyError) -> JWTKey { try Self.key(algorithm) }

    private static func key(_ algorithm: JWTAlgorithm) throws(KeyError) -> JWTKey {
        switch algorithm {
        case .hs256: JWTKey(secret: try SigningSecret(bytes: secret))
        case .rs256: try JWTKey(publicPEM: IssuerKey.rsa.publicPEM)
        case .es256: try JWTKey(publicPEM: IssuerKey.ec.publicPEM)
        case .edDSA: try JWTKey(publicPEM: IssuerKey.edwards.publicPEM)
        }
    }

    /// What the issuer's key of that algorithm makes of the input.
    func sign(_ algorithm: JWTAlgorithm, _ input: [UInt8]) -> [UInt8] {
        switch algorithm {
        case .hs256: authenticationCode(input, key: Self.secret)
        case .rs256: IssuerKey.rsa.sign(input)
        case .es256: IssuerKey.ec.sign(input)
        case .edDSA: IssuerKey.edwards.sign(input)
        }
    }

    /// A payload that verifies at ``now``, with these further members.
    func payload(_ more: String = #""permissions":["node:read"]"#) -> String {
        #"{"sub":"ana","exp":\#(Self.seconds + 600),\#(more)}"#
    }

    /// A token signed by the issuer's key of that algorithm.
    func signed(_ algorithm: JWTAlgorithm, header: String? = nil, payload: String? = nil) -> String {
        token(
            header: header ?? #"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#, payload: payload ?? self.payload()
        ) { sign(algorithm, $0) }
    }
}

func decoded(_ text: String) -> [UInt8]? {
    [UInt8](text.utf8).withUnsafeBytes { Base64.decode($0, urlSafe: true) }
}

/// Standard base64 in lines of 64 characters, as PEM has it.
func wrapped(_ bytes: [UInt8]) -> String {
    let text = [Character](Base64.encode(bytes))
    return stride(from: 0, to: text.count, by: 64).map { String(text[$0..<min($0 + 64, text.count)]) + "\n" }.joined()
}
