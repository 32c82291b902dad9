import Bytes
import Grid
import Testing

@testable import Access

/// Tokens that an attacker could send: every one is refused by a verifier that has a key of every algorithm.
@Suite struct ForgedTokenTests {
    let tokens = TokenPress()

    /// Each forgery with a name for the report.
    typealias Forgery = (name: String, token: String)

    private func refuseAll(_ forgeries: [Forgery], atLeast count: Int) {
        #expect(forgeries.count >= count)
        #expect(Set(forgeries.map(\.token)).count == forgeries.count, "the corpus repeats itself")
        for forgery in forgeries {
            #expect(throws: TokenError.self, "\(forgery.name): \(forgery.token)") {
                try tokens.verifier.verify(forgery.token, now: TokenPress.now)
            }
        }
    }

    @Test func theWholeCorpusHasItsSize() {
        let all =
            algorithms() + confusions() + headers() + claims() + encodings() + signatures()
        #expect(Set(all.map(\.token)).count >= 200)
    }

    @Test func unsignedAndForeignAlgorithms() { refuseAll(algorithms(), atLeast: 80) }
    @Test func oneAlgorithmsKeyForAnothers() { refuseAll(confusions(), atLeast: 25) }
    @Test func headersThatBringTheirOwnRules() { refuseAll(headers(), atLeast: 60) }
    @Test func claimsOfTheWrongShape() { refuseAll(claims(), atLeast: 80) }
    @Test func textThatIsNotCanonical() { refuseAll(encodings(), atLeast: 60) }
    @Test func signaturesOfTheWrongShape() { refuseAll(signatures(), atLeast: 20) }

    @Test func everyAlteredCharacterIsNoticed() throws {
        for algorithm in JWTAlgorithm.allCases {
            let text = [UInt8](tokens.signed(algorithm).utf8)
            _ = try tokens.verifier.verify(String(decoding: text, as: UTF8.self), now: TokenPress.now)
            for index in text.indices {
                var altered = text
                altered[index] = text[index] == UInt8(ascii: "B") ? UInt8(ascii: "C") : UInt8(ascii: "B")
                #expect(throws: TokenError.self, "\(algorithm) at \(index)") {
                    try tokens.verifier.verify(String(decoding: altered, as: UTF8.self), now: TokenPress.now)
                }
            }
        }
    }

    @Test func everyTruncationIsNoticed() {
        for algorithm in JWTAlgorithm.allCases {
            let text = tokens.signed(algorithm)
            for count in 0..<text.count {
                #expect(throws: TokenError.self, "\(algorithm) cut to \(count)") {
                    try tokens.verifier.verify(String(text.prefix(count)), now: TokenPress.now)
                }
            }
        }
    }

    // MARK: The corpus

    private func algorithms() -> [Forgery] {
        let names = [
            "none", "None", "NONE", "nOnE", "", "hs256", "Hs256", "HS256 ", " HS256", #"HS256\u0000"#, "HS384", "HS512",
            "RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "ES256K", "eddsa", "EDDSA", "Ed25519",
            "Ed448", "dir", "RSA-OAEP", "A128KW", "ECDH-ES", "HMAC", "SHA256", "X",
        ]
        var forgeries: [Forgery] = []
        for name in names {
            let header = #"{"alg":"\#(name)","typ":"JWT"}"#
            let makers: [(String, ([UInt8]) -> [UInt8])] = [
                ("no signature", { _ in [] }), ("the secret's", { tokens.sign(.hs256, $0) }),
                ("the RSA key's", { tokens.sign(.rs256, $0) }),
            ]
            for (label, sign) in makers {
                forgeries.append(("alg \(name), \(label)", token(header: header, payload: tokens.payload(), sign)))
            }
        }
        return forgeries
    }

    private func confusions() -> [Forgery] {
        var forgeries: [Forgery] = []
        for claimed in JWTAlgorithm.allCases {
            let header = #"{"alg":"\#(claimed.rawValue)"}"#
            for used in JWTAlgorithm.allCases where used != claimed {
                let text = token(header: header, payload: tokens.payload()) { tokens.sign(used, $0) }
                forgeries.append(("\(claimed) signed by \(used)", text))
            }
            let strangers: [(String, ([UInt8]) -> [UInt8])] = [
                ("RSA", IssuerKey.rsaOfAStranger.sign), ("EC", IssuerKey.ecOfAStranger.sign),
                ("Ed25519", IssuerKey.edwardsOfAStranger.sign), ("a weak secret", { authenticationCode($0, key: [0]) }),
            ]
            for (name, sign) in strangers {
                forgeries.append(
                    ("\(claimed) by a stranger's \(name)", token(header: header, payload: tokens.payload(), sign)))
            }
        }
        for key in IssuerKey.asymmetric {
            let published: [(String, [UInt8])] = [
                ("PEM", key.publicPEM), ("PEM without its last line break", Array(key.publicPEM.dropLast())),
                ("PEM's body", [UInt8](String(decoding: key.publicPEM, as: UTF8.self).split(separator: "\n")[1].utf8)),
            ]
            for (form, secret) in published {
                let text = token(header: #"{"alg":"HS256"}"#, payload: tokens.payload()) {
                    authenticationCode($0, key: secret)
                }
                forgeries.append(("HS256 keyed with the published \(key.algorithm) \(form)", text))
            }
        }
        return forgeries
    }

    private func headers() -> [Forgery] {
        let jwk = #"{"kty":"oct","k":"\#(base64URL(TokenPress.secret))"}"#
        let extras = [
            #""jwk":\#(jwk)"#, #""jwk":null"#, #""jku":"https://evil.example/keys""#, #""jku":null"#,
            #""x5u":"https://evil.example/cert""#, #""x5c":["MIIB"]"#, #""crit":["exp"]"#, #""crit":[]"#,
            #""crit":["b64"],"b64":false"#, #""b64":false"#, #""zip":"DEF""#, #""enc":"A256GCM""#, #""cty":"JWT""#,
            #""\u006awk":\#(jwk)"#, #""typ":"JWE""#, #""typ":"at+jwt""#, #""typ":"""#, #""typ":null"#, #""typ":1"#,
            #""typ":["JWT"]"#, #""kid":1"#, #""kid":{"a":1}"#, #""kid":null"#, #""alg":"none""#,
            #""typ":"JWT","typ":"JWT""#, #""x":1,"x":1"#,
        ]
        var forgeries: [Forgery] = []
        for algorithm in [JWTAlgorithm.hs256, .rs256] {
            for extra in extras {
                let header = #"{"alg":"\#(algorithm.rawValue)",\#(extra)}"#
                forgeries.append(("header \(header)", tokens.signed(algorithm, header: header)))
            }
        }
        let whole = [
            "", "{}", "null", "[]", #""HS256""#, #"{"typ":"JWT"}"#, #"{"alg":null}"#, #"{"alg":256}"#,
            #"{"alg":["HS256"]}"#,
            #"{"alg":{"alg":"HS256"}}"#, #"{"alg":"HS256""#, #"{"alg":"HS256"} x"#, #"{"alg":"HS256"}{}"#,
            #"{'alg':'HS256'}"#, #"{"alg":"HS256",}"#, #"{"ALG":"HS256"}"#, #"{"alg":"HS256","a\u006cg":"HS256"}"#,
            "\u{FEFF}" + #"{"alg":"HS256"}"#,
        ]
        for header in whole { forgeries.append(("header \(header)", tokens.signed(.hs256, header: header))) }
        return forgeries
    }

    private func claims() -> [Forgery] {
        let good: [(name: String, value: String)] = [
            ("sub", #""ana""#), ("permissions", #"["admin"]"#), ("exp", "\(TokenPress.seconds + 600)"),
        ]
        var payloads: [String] = []
        func object(_ members: [(name: String, value: String)]) -> String {
            "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
        }
        for left in good.indices {
            payloads.append(object(good.enumerated().filter { $0.offset != left }.map(\.element)))
            payloads.append(object(good + [good[left]]))
        }
        let wrong: [String: [String]] = [
            "sub": [
                "1", "null", "true", "[]", "{}", #""""#, #"["ana"]"#, #""a\nb""#, #""a\u001b[31m""#, #""a\u0085""#,
                longText(129),
            ],
            "permissions": ["1", "null", "true", "{}", #""admin""#, "[1]", "[null]", #"["admin",1]"#, #"[["admin"]]"#],
            "exp": [
                "null", "true", "[]", "{}", #""9999999999""#, "-1", "0", "1", "1e400", "253402300800", "1e15", "NaN",
                "Infinity", "0x7fffffff", "01", "+1", "9999999999.", "\(TokenPress.seconds - 5)",
            ],
        ]
        for (index, member) in good.enumerated() {
            for value in wrong[member.name] ?? [] {
                var members = good
                members[index].value = value
                payloads.append(object(members))
            }
        }
        let optional: [(String, [String])] = [
            ("nbf", ["null", #""1""#, "true", "\(TokenPress.seconds + 6)", "1e400", "-1", "[]"]),
            ("iat", ["null", #""1""#, "true", "\(TokenPress.seconds + 6)", "1e400", "-1", "{}"]),
            ("iss", ["null", "1", "[]", #"["grid"]"#]), ("aud", ["null", "1", "{}", "[1]", #"["a",null]"#]),
            ("region", ["null", "1", "[]", #""eu\nwest""#, longText(65)]),
        ]
        for (name, values) in optional {
            for value in values { payloads.append(object(good + [(name, value)])) }
        }
        payloads += [
            "", "null", "[]", "1", object(good) + "x", object(good) + object(good), "[" + object(good) + "]",
            #"{"sub":"ana","s\u0075b":"root","permissions":[],"exp":9999999999}"#,
            #"{"SUB":"ana","permissions":[],"exp":9999999999}"#, object(good).replacing("\"", with: "'"),
            "{" + object(good) + "}", object(good).replacing("}", with: ",}"),
        ]
        return payloads.map { ("payload \($0)", tokens.signed(.hs256, payload: $0)) }
    }

    private func longText(_ count: Int) -> String { "\"" + String(repeating: "a", count: count) + "\"" }

    private func encodings() -> [Forgery] {
        var forgeries: [Forgery] = []
        for algorithm in JWTAlgorithm.allCases {
            let good = tokens.signed(algorithm)
            let parts = good.split(separator: ".").map(String.init)
            let (header, payload, signature) = (parts[0], parts[1], parts[2])
            let texts = [
                "." + good, good + ".", good + ".x", "..\(signature)", "\(header)..\(signature)",
                "\(header).\(payload)", "\(header).\(payload).", ".\(payload).\(signature)",
                "\(payload).\(header).\(signature)", "Bearer \(good)", " \(good)", "\(good) ", "\(good)\n", "\n\(good)",
                "\(good)=", "\(good)==", "\(header)=.\(payload).\(signature)", "\(header).\(payload)=.\(signature)",
                "\(header).\(payload)\n.\(signature)", "\(header) .\(payload).\(signature)",
                "\(header).\(payload).\(signature)\u{0}", good.replacing(".", with: "%2E"),
                good.replacing(".", with: "\u{FF0E}"),
                #"{"payload":"\#(payload)","protected":"\#(header)","signature":"\#(signature)"}"#,
                "\(header).\(payload).\(signature).\(header).\(payload)", "\(header).\(payload).\(signature)AAAA",
                "\(header).\(payload).+\(signature.dropFirst())", "\(header).\(payload)./\(signature.dropFirst())",
                "\(header).\(payload).\(raisedLastCharacter(signature))",
            ]
            for text in texts { forgeries.append(("\(algorithm): \(text.prefix(12))…", text)) }
        }
        for text in [
            "", ".", "..", "...", "a", "a.b", "a.b.c", "null", "{}", "🔑.🔑.🔑", String(repeating: ".", count: 8192),
        ] {
            forgeries.append((text, text))
        }
        return forgeries
    }

    /// The same bytes for a lax decoder: only bits beyond the last byte differ, where there are any.
    private func raisedLastCharacter(_ text: String) -> String {
        let alphabet = [Character]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        guard let last = text.last, let index = alphabet.firstIndex(of: last), index + 1 < alphabet.count else {
            return text + "A"
        }
        return String(text.dropLast()) + String(alphabet[index + 1])
    }

    private func signatures() -> [Forgery] {
        var forgeries: [Forgery] = []
        func add(_ name: String, _ algorithm: JWTAlgorithm, _ sign: ([UInt8]) -> [UInt8]) {
            let header = #"{"alg":"\#(algorithm.rawValue)"}"#
            forgeries.append(("\(algorithm) \(name)", token(header: header, payload: tokens.payload(), sign)))
        }
        let zeros = { (count: Int) in [UInt8](repeating: 0, count: count) }
        for (algorithm, count) in [(JWTAlgorithm.hs256, 32), (.rs256, 256), (.es256, 64), (.edDSA, 64)] {
            add("all zeros", algorithm) { _ in zeros(count) }
            add("all ones", algorithm) { _ in [UInt8](repeating: 0xFF, count: count) }
            add("one byte short", algorithm) { tokens.sign(algorithm, $0).dropLast() }
            add("one byte long", algorithm) { tokens.sign(algorithm, $0) + [0] }
            add("a zero in front", algorithm) { [0] + tokens.sign(algorithm, $0) }
            add("reversed", algorithm) { tokens.sign(algorithm, $0).reversed() }
            add("of another message", algorithm) { tokens.sign(algorithm, $0 + [0]) }
            add("of nothing", algorithm) { _ in tokens.sign(algorithm, []) }
        }
        add("in DER", .es256) { IssuerKey.ec.signUnconverted($0) }
        // The curve's order, which is 0 for a verifier that forgets to check the range (CVE-2022-21449's kin).
        let order: [UInt8] = [
            0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD,
            0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
        ]
        add("of the order twice", .es256) { _ in order + order }
        add("r of zero", .es256) { zeros(32) + tokens.sign(.es256, $0).suffix(32) }
        add("s of zero", .es256) { tokens.sign(.es256, $0).prefix(32) + zeros(32) }
        add("halves swapped", .es256) { input in
            let signature = tokens.sign(.es256, input)
            return Array(signature.suffix(32) + signature.prefix(32))
        }
        add("s raised by the group's order", .edDSA) { raisedByOrder(tokens.sign(.edDSA, $0)) }
        return forgeries
    }

    /// A malleable twin of an Ed25519 signature: s + L verifies where the range of s is not checked.
    private func raisedByOrder(_ signature: [UInt8]) -> [UInt8] {
        let order: [UInt8] =
            [
                0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
            ] + [UInt8](repeating: 0, count: 15) + [0x10]
        var raised = signature
        var carry: UInt16 = 0
        for index in 0..<32 {
            let sum = UInt16(raised[32 + index]) + UInt16(order[index]) + carry
            raised[32 + index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        return raised
    }
}
