import Bytes
import Grid
import Testing

@testable import Access

@Suite struct PayloadKeyTests {
    private func refusal(_ jwk: String) -> JWKError? {
        do throws(JWKError) {
            _ = try payloadKey(jwk)
            return nil
        } catch { return error }
    }

    private static let x = "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"
    private static let y = "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"
    private static let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    private static let point = #""x":"\#(x)","y":"\#(y)""#
    private static let curve = #""kty":"EC","crv":"P-256","# + point
    private static let montgomery = #""kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08""#
    private static let shared = #""kty":"oct","k":"\#(secret)""#

    // MARK: Taken

    @Test(arguments: [
        curve, curve + #","use":"enc","alg":"ECDH-ES","key_ops":[],"ext":true"#, montgomery,
        montgomery + #","alg":"ECDH-ES","x5u":"https://localhost/","x5c":["AAAA"]"#, shared,
        shared + #","alg":"A256GCM","ext":true,"key_ops":["encrypt","decrypt"]"#, shared + #","alg":"dir","use":"enc""#,
        // Coordinates and names in escapes are the same.
        #""\u006bty":"E\u0043","crv":"P-256","# + point, "\n " + curve + "\t",
        // The first coordinate begins with a zero byte.
        #""kty":"EC","crv":"P-256","x":"AFVDiUrz0A7X10Cr29dclrBod7eH219w7qeLkKjXwAo","#
            + #""y":"u0yFo9jqKe-q-iRAaRLdhNWxTcMr9lbvbGvVil2UP5I""#,
    ])
    func aKeyIsTaken(members: String) throws {
        #expect(try payloadKey("{\(members)}").keyID == nil)
    }

    @Test func itsNameIsKept() throws {
        let longest = String(repeating: "ü", count: Limits.jwkIDBytes / 2)
        for name in ["a", longest, "with \\\"quotes\\\""] {
            let key = try payloadKey(#"{\#(Self.curve),"kid":"\#(name)"}"#)
            #expect(key.keyID?.utf8.count == name.replacing("\\", with: "").utf8.count)
        }
        #expect(refusal(#"{\#(Self.curve),"kid":""}"#) == .wrongLength("kid"))
        #expect(refusal(#"{\#(Self.curve),"kid":"\#(longest)x"}"#) == .wrongLength("kid"))
    }

    // MARK: Refused

    @Test(arguments: [
        "", "[]", "null", "7", "\"key\"", "{", "{\(curve)", "{\(curve)}x", "{\(curve),}", "{\(curve),\"kid\":7}",
        #"{"kty":["EC"]}"#, "{\(curve),\(point)}", #"{\#(shared),"kty":"oct"}"#, #"{\#(shared),"ext":1,"ext":2}"#,
        #"{"kty":"EC","crv":"P-256","x":7,"y":8}"#, "{\(curve),\"other\":\(String(repeating: "[", count: 40))}",
        #"{\#(curve),"kid":"\#u{0}"}"#,
    ])
    func whatIsNoObjectIsMalformed(jwk: String) {
        guard case .malformed? = refusal(jwk) else {
            Issue.record("\(jwk): \(String(describing: refusal(jwk)))")
            return
        }
    }

    @Test func coordinatesHaveTheirFullLength() {
        let short = base64URL(Array(bytes(Self.x).dropLast()))
        let long = base64URL([0] + bytes(Self.x))
        for wrong in ["", short, long] {
            #expect(refusal(#"{"kty":"EC","crv":"P-256","x":"\#(wrong)","y":"\#(Self.y)"}"#) == .wrongLength("x"))
            #expect(refusal(#"{"kty":"EC","crv":"P-256","x":"\#(Self.x)","y":"\#(wrong)"}"#) == .wrongLength("y"))
            #expect(refusal(#"{"kty":"OKP","crv":"X25519","x":"\#(wrong)"}"#) == .wrongLength("x"))
            #expect(refusal(#"{"kty":"oct","k":"\#(wrong)"}"#) == .wrongLength("k"))
        }
        for odd in [Self.x + "=", Self.x + " ", Self.x.replacing("_", with: "/"), String(Self.x.dropLast()) + "R"] {
            #expect(
                refusal(#"{"kty":"EC","crv":"P-256","x":"\#(odd)","y":"\#(Self.y)"}"#)
                    == .malformed("x is not base64url"))
        }
    }

    @Test func whatBelongsToAnotherKindIsRefused() {
        let refusals: [(String, JWKError)] = [
            ("{}", .missingMember("kty")), (#"{"kty":"EC"}"#, .missingMember("crv")),
            (#"{"kty":"EC","crv":"P-256"}"#, .missingMember("x")),
            (#"{"kty":"EC","crv":"P-256","x":"\#(Self.x)"}"#, .missingMember("y")),
            (#"{"kty":"OKP","crv":"X25519"}"#, .missingMember("x")), (#"{"kty":"oct"}"#, .missingMember("k")),
            (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, .unsupportedType), (#"{"kty":"ec"}"#, .unsupportedType),
            (#"{"kty":"EC","crv":"P-384",\#(Self.point)}"#, .unsupportedCurve),
            (#"{"kty":"EC","crv":"X25519",\#(Self.point)}"#, .unsupportedCurve),
            (#"{"kty":"OKP","crv":"P-256",\#(Self.point)}"#, .unsupportedCurve),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(Self.x)"}"#, .unsupportedCurve),
            (#"{"kty":"EC","crv":"p-256",\#(Self.point)}"#, .unsupportedCurve),
            (#"{\#(Self.curve),"d":"\#(Self.x)"}"#, .privateKey), (#"{\#(Self.curve),"d":null}"#, .privateKey),
            (#"{\#(Self.curve),"use":"sig"}"#, .unsuitable("use")),
            (#"{\#(Self.curve),"alg":"ECDH-ES+A256KW"}"#, .unsuitable("alg")),
            (#"{\#(Self.curve),"alg":"ES256"}"#, .unsuitable("alg")),
            (#"{\#(Self.shared),"alg":"HS256"}"#, .unsuitable("alg")),
            (#"{\#(Self.shared),"alg":"A256KW"}"#, .unsuitable("alg")),
            (#"{"kty":"EC","crv":"P-256","x":"\#(Self.y)","y":"\#(Self.x)"}"#, .invalidPoint),
        ]
        for (jwk, expected) in refusals { #expect(refusal(jwk) == expected, "\(jwk)") }
        #expect(refusal("{\(Self.curve)" + String(repeating: " ", count: Limits.jwkBytes) + "}") == .tooLarge)
    }

    /// With these, everybody would agree on zeros (RFC 7748 §7): 0, 1, p − 1, p, p + 1 and the two of order 8.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ])
    func pointsOfSmallOrderAreRefused(point: String) throws {
        let x = base64URL(try #require(Hexadecimal.decode(point)))
        #expect(refusal(#"{"kty":"OKP","crv":"X25519","x":"\#(x)"}"#) == .invalidPoint)
    }

    @Test func printingShowsNothing() throws {
        let key = try ClientKey.shared.key
        var dumped = ""
        dump(key, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped, "\([key])"] {
            #expect(!shown.contains("bob") && !shown.contains("31") && !shown.contains("AAEC"))
        }
    }

    @Test func refusalsSayWhatIsWrongAndNothingOfTheKey() {
        let all: [JWKError] = [
            .tooLarge, .malformed("there"), .missingMember("x"), .unsupportedType, .unsupportedCurve, .privateKey,
            .unsuitable("use"), .wrongLength("k"), .invalidPoint,
        ]
        #expect(Set(all.map(\.description)).count == all.count)
        #expect(all.allSatisfy { $0.description.hasPrefix("the key") })
        guard case .malformed(let reason)? = refusal(#"{"kty":"oct","k":"hush!"}"#) else {
            Issue.record("was taken")
            return
        }
        #expect(!reason.contains("hush"))
    }
}
