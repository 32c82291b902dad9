import Bytes
import Grid
import Testing

@testable import Access

@Suite struct JWTVerifierTests {
    let tokens = TokenPress()
    let now = TokenPress.now

    @Test(arguments: JWTAlgorithm.allCases)
    func everyAlgorithmVerifies(_ algorithm: JWTAlgorithm) throws {
        let claims = try tokens.verifier.verify(tokens.signed(algorithm), now: now)
        #expect(claims.subject == UserID("ana"))
        #expect(claims.permissions == [.nodeRead])
        #expect(claims.expiresAt == Timestamp(milliseconds: (TokenPress.seconds + 600) * 1000))
        #expect(claims.issuer == nil && claims.region == nil && claims.audience.isEmpty)
    }

    /// RFC 7515 appendix A.1: the signature holds; the claims are not ours.
    @Test func aPublishedTokenReachesItsClaims() throws {
        let secret = try #require(
            decoded("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let verifier = try JWTVerifier(
            configuration: JWTConfiguration(keys: [JWTKey(secret: SigningSecret(bytes: secret))]))
        let published =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly"
            + "9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(throws: TokenError.missingClaim("sub")) {
            try verifier.verify(published, now: Timestamp(milliseconds: 1_300_819_000_000))
        }
    }

    @Test func unknownClaimsPermissionsAndHeaderMembersAreIgnored() throws {
        let text = tokens.signed(
            .hs256, header: #"{"kid":"1","alg":"HS256","x5t":"abc","typ":"jwt","extra":{"a":[1]}}"#,
            payload: tokens.payload(#""permissions":["node:read","node:fly","admin"],"jti":"1","nested":{"sub":2}"#))
        let claims = try tokens.verifier.verify(text, now: now)
        #expect(claims.permissions == [.nodeRead, .admin])
    }

    @Test func timesHaveFiveSecondsOfLeeway() throws {
        let second: Int64 = TokenPress.seconds
        func attempt(_ claims: String) throws -> TokenClaims {
            try tokens.verifier.verify(
                tokens.signed(.hs256, payload: #"{"sub":"ana","permissions":[],"# + claims + "}"), now: now)
        }
        #expect(throws: Never.self) { try attempt(#""exp":\#(second - 4)"#) }
        #expect(throws: Never.self) { try attempt(#""exp":\#(second - 5).001"#) }
        #expect(throws: TokenError.expired) { try attempt(#""exp":\#(second - 5)"#) }
        #expect(throws: Never.self) { try attempt(#""exp":\#(second + 9),"nbf":\#(second + 5)"#) }
        #expect(throws: TokenError.notYetValid) { try attempt(#""exp":\#(second + 9),"nbf":\#(second + 6)"#) }
        #expect(throws: Never.self) { try attempt(#""exp":\#(second + 9),"iat":\#(second + 5)"#) }
        #expect(throws: TokenError.notYetValid) { try attempt(#""exp":\#(second + 9),"iat":\#(second + 6)"#) }
        #expect(throws: Never.self) { try attempt(#""exp":2.5e9"#) }
    }

    @Test func issuerAndAudienceCountWhenConfigured() throws {
        let verifier = try tokens.verifier(issuer: "https://issuer", audience: "grid")
        func attempt(_ claims: String) throws -> TokenClaims {
            try verifier.verify(tokens.signed(.hs256, payload: tokens.payload(#""permissions":[]"# + claims)), now: now)
        }
        #expect(throws: Never.self) { try attempt(#","iss":"https://issuer","aud":"grid""#) }
        #expect(throws: Never.self) { try attempt(#","iss":"https://issuer","aud":["other","grid"]"#) }
        #expect(throws: TokenError.missingClaim("iss")) { try attempt(#","aud":"grid""#) }
        #expect(throws: TokenError.missingClaim("aud")) { try attempt(#","iss":"https://issuer""#) }
        #expect(throws: TokenError.missingClaim("aud")) { try attempt(#","iss":"https://issuer","aud":[]"#) }
        #expect(throws: TokenError.wrongIssuer) { try attempt(#","iss":"https://issuer/","aud":"grid""#) }
        #expect(throws: TokenError.wrongAudience) { try attempt(#","iss":"https://issuer","aud":"grids""#) }
        #expect(throws: TokenError.wrongAudience) { try attempt(#","iss":"https://issuer","aud":["gri","d"]"#) }
    }

    @Test func anAlgorithmWithoutAKeyIsUnsupported() throws {
        for only in JWTAlgorithm.allCases {
            let verifier = try JWTVerifier(configuration: JWTConfiguration(keys: [tokens.key(only)]))
            #expect(verifier.algorithms == [only])
            for used in JWTAlgorithm.allCases where used != only {
                #expect(throws: TokenError.unsupportedAlgorithm) {
                    try verifier.verify(tokens.signed(used), now: now)
                }
            }
        }
    }

    @Test func noKeyOrTwoOfOneKindIsAConfigurationError() throws {
        #expect(throws: KeyError.self) { try JWTVerifier(configuration: JWTConfiguration(keys: [])) }
        let twice = try [
            JWTKey(publicPEM: IssuerKey.rsa.publicPEM), JWTKey(publicPEM: IssuerKey.rsaOfAStranger.publicPEM),
        ]
        #expect(throws: KeyError.self) { try JWTVerifier(configuration: JWTConfiguration(keys: twice)) }
    }

    @Test func errorsAreToldApart() {
        func error(_ text: String) -> TokenError? {
            do throws(TokenError) {
                _ = try tokens.verifier.verify(text, now: now)
                return nil
            } catch { return error }
        }
        let unsigned = base64URL(#"{"alg":"none"}"#) + "." + base64URL(tokens.payload()) + "."
        #expect(error(unsigned) == .unsupportedAlgorithm)
        #expect(error(tokens.signed(.hs256) + "A") != nil)
        #expect(error("garbage") == .malformed("not three parts"))
        #expect(error(tokens.signed(.hs256, payload: #"{"permissions":[],"exp":9999999999}"#)) == .missingClaim("sub"))
        #expect(error(tokens.signed(.hs256, payload: #"{"sub":"a","exp":9999999999}"#)) == .missingClaim("permissions"))
        #expect(error(tokens.signed(.hs256, payload: #"{"sub":"a","permissions":[]}"#)) == .missingClaim("exp"))
        let foreign = token(header: #"{"alg":"ES256"}"#, payload: tokens.payload(), IssuerKey.ecOfAStranger.sign)
        #expect(error(foreign) == .badSignature)
    }

    @Test func noClaimIsReadBeforeTheSignatureHolds() {
        let expiredAndForged = token(
            header: #"{"alg":"HS256"}"#, payload: #"{"exp":1}"#, { authenticationCode($0, key: [1, 2, 3]) })
        #expect(throws: TokenError.badSignature) { try tokens.verifier.verify(expiredAndForged, now: now) }
    }

    @Test func sizeIsBounded() {
        func sized(_ count: Int) -> String {
            // Grow the payload, then pad the header so that the whole has exactly `count` bytes.
            var filler = count * 3 / 4 - 200
            while true {
                for spaces in 0...3 {
                    let header = #"{"alg":"HS256"}"# + String(repeating: " ", count: spaces)
                    let payload = tokens.payload(
                        #""permissions":[],"x":"\#(String(repeating: "a", count: filler))""#)
                    let text = tokens.signed(.hs256, header: header, payload: payload)
                    if text.utf8.count == count { return text }
                }
                filler += 1
            }
        }
        #expect(throws: Never.self) { try tokens.verifier.verify(sized(Limits.tokenBytes), now: now) }
        #expect(throws: TokenError.malformed("larger than 8192 bytes")) {
            try tokens.verifier.verify(sized(Limits.tokenBytes + 1), now: now)
        }
    }

    @Test func deepJSONIsRefusedNotFollowed() {
        let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
        let text = tokens.signed(.hs256, payload: tokens.payload(#""permissions":[],"x":\#(deep)"#))
        #expect(throws: TokenError.self) { try tokens.verifier.verify(text, now: now) }
    }
}
