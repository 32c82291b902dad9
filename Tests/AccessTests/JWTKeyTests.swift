import Testing

@testable import Access

@Suite struct JWTKeyTests {
    let scratch = ScratchDirectory()

    @Test func theKindOfKeyDecidesTheAlgorithm() throws {
        for issuer in IssuerKey.asymmetric {
            #expect(try JWTKey(publicPEM: issuer.publicPEM).algorithm == issuer.algorithm)
        }
        let secret = try SigningSecret(bytes: [UInt8](repeating: 1, count: 32))
        #expect(JWTKey(secret: secret).algorithm == .hs256)
    }

    @Test func weakAndForeignKindsAreRefused() {
        for key in [IssuerKey.weakRSA, .p384, .montgomery] {
            #expect(throws: KeyError.self) { try JWTKey(publicPEM: key.publicPEM) }
        }
    }

    @Test func otherTextsAreRefusedWithTheirSource() {
        for text in [
            [], [UInt8]("garbage".utf8), IssuerKey.rsa.privatePEM, Array(IssuerKey.rsa.publicPEM.dropLast(60)),
        ] {
            let expected = KeyError.unusable(
                source: "x.pem", reason: "holds no public key in PEM (BEGIN PUBLIC KEY)")
            #expect(throws: expected) { try JWTKey(publicPEM: text, source: "x.pem") }
        }
    }

    @Test func readFromAFileThatEveryoneMayRead() throws {
        scratch.write("issuer.pem", IssuerKey.ec.publicPEM, mode: 0o644)
        #expect(try JWTKey.load(publicKeyFile: scratch.path + "/issuer.pem").algorithm == .es256)
        #expect(throws: KeyError.self) { try JWTKey.load(publicKeyFile: scratch.path + "/absent.pem") }
    }

    /// RFC 8037 appendix A.4: a published signature by a published key.
    @Test func aPublishedEdwardsSignatureHolds() throws {
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
            -----END PUBLIC KEY-----

            """
        let key = try JWTKey(publicPEM: [UInt8](pem.utf8))
        let input = [UInt8]("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        let signature = try #require(
            decoded("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"))
        #expect(input.withUnsafeBytes { key.verify(signature, of: $0) })
        #expect(!input.dropLast().withUnsafeBytes { key.verify(signature, of: $0) })
    }

    /// RFC 7515 appendix A.3.
    @Test func aPublishedCurveSignatureHolds() throws {
        let x = try #require(decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"))
        let y = try #require(decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
        // SubjectPublicKeyInfo of id-ecPublicKey on prime256v1, then the point.
        let info: [UInt8] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
            0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        ]
        let pem =
            "-----BEGIN PUBLIC KEY-----\n" + wrapped(info + x + y) + "-----END PUBLIC KEY-----\n"
        let key = try JWTKey(publicPEM: [UInt8](pem.utf8))
        let input = [UInt8](
            ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ").utf8)
        let signature = try #require(
            decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
        #expect(key.algorithm == .es256)
        #expect(input.withUnsafeBytes { key.verify(signature, of: $0) })
        #expect(!input.dropLast().withUnsafeBytes { key.verify(signature, of: $0) })
    }
}
