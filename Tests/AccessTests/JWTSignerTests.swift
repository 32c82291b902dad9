import Bytes
import Grid
import Testing

@testable import Access

@Suite struct JWTSignerTests {
    let secret: SigningSecret
    let now = Timestamp(milliseconds: 1_700_000_000_000)

    init() throws { secret = try SigningSecret(bytes: [UInt8](repeating: 9, count: 32)) }

    @Test func whatIsMintedVerifies() throws {
        let claims = TokenClaims(
            subject: UserID("ana \"quoted\" ü"), permissions: [.nodeRead, .taskSubmit, .admin],
            expiresAt: now.adding(milliseconds: 60_000), notBefore: now, issuedAt: now, issuer: "grid",
            audience: ["a", "b"], tokenID: "7f", region: "eu-west")
        let verifier = try JWTVerifier(configuration: JWTConfiguration(keys: [JWTKey(secret: secret)]))
        #expect(try verifier.verify(JWTSigner(secret: secret).mint(claims), now: now) == claims)
    }

    @Test func theSmallestToken() throws {
        let claims = TokenClaims(
            subject: UserID("u"), permissions: [], expiresAt: Timestamp(milliseconds: 1_700_000_060_999))
        let parts = JWTSigner(secret: secret).mint(claims).split(separator: ".").map(String.init)
        #expect(parts.count == 3)
        #expect(decoded(parts[0]).map { String(decoding: $0, as: UTF8.self) } == #"{"alg":"HS256","typ":"JWT"}"#)
        #expect(
            decoded(parts[1]).map { String(decoding: $0, as: UTF8.self) }
                == #"{"sub":"u","permissions":[],"exp":1700000060}"#)
        let code = authenticationCode([UInt8]((parts[0] + "." + parts[1]).utf8), key: secret.bytes)
        #expect(decoded(parts[2]) == code)
    }

    @Test func oneAudienceIsAString() throws {
        let claims = TokenClaims(
            subject: UserID("u"), permissions: [], expiresAt: now.adding(milliseconds: 1000), audience: ["grid"])
        #expect(claims.json().text.contains(#""aud":"grid""#))
    }
}
