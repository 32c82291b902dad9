import Bytes
import Testing

@testable import Access

@Suite struct AgreementCurveTests {
    @Test func theSecretOfRFC7748IsAgreedOn() throws {
        let alice = x25519PrivateKey("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
        let bob = EVPKey(
            x25519PublicKey: try #require(
                Hexadecimal.decode("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")))
        #expect(
            alice.agree(with: bob).map(Hexadecimal.encode)
                == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        #expect(
            Hexadecimal.encode(alice.encodedPublicKey)
                == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
    }

    @Test(arguments: [AgreementCurve.p256, .x25519])
    func bothSidesAgree(curve: AgreementCurve) throws {
        for _ in 0..<50 {
            let (one, other) = (curve.generate(), curve.generate())
            let secret = try #require(one.agree(with: other))
            #expect(other.agree(with: one) == secret && one.agree(with: curve.generate()) != secret)
        }
    }

    @Test func keysOfOtherCurvesDoNotAgree() {
        #expect(EVPKey.generateP256().agree(with: .generateX25519()) == nil)
        #expect(EVPKey.generateX25519().agree(with: .generateP256()) == nil)
    }

    @Test(arguments: [AgreementCurve.p256, .x25519])
    func aKeyIsWrittenAsItIsRead(curve: AgreementCurve) throws {
        for _ in 0..<50 {
            let key = curve.generate()
            var writer = JSONWriter()
            curve.write(key, into: &writer)
            let members = try writer.buffer.withBytes { json in
                Result { () throws(JWKError) in try JWKMembers.read(json) }
            }.get()
            let point = key.encodedPublicKey
            switch curve {
            case .p256:
                #expect(members.type == "EC" && members.curve == "P-256")
                #expect([4] + bytes(members.x ?? "") + bytes(members.y ?? "") == point)
            case .x25519:
                #expect(members.type == "OKP" && members.curve == "X25519" && members.y == nil)
                #expect(bytes(members.x ?? "") == point)
            }
        }
    }

    /// The two equations of a point that is none: another coordinate, and the point at infinity's stand-in.
    @Test func pointsOffTheCurveAreNone() throws {
        let point = EVPKey.generateP256().encodedPublicKey
        let (x, y) = (Array(point[1..<33]), Array(point[33...]))
        #expect(EVPKey(p256X: x, y: y) != nil)
        #expect(EVPKey(p256X: y, y: x) == nil)
        let zero = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xFF, count: 32)
        for (x, y) in [(zero, zero), (x, zero), (zero, y), (ones, ones), (x, ones)] {
            #expect(EVPKey(p256X: x, y: y) == nil)
        }
        for bit in 0..<256 {
            var wrong = y
            wrong[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(EVPKey(p256X: x, y: wrong) == nil, "bit \(bit)")
        }
    }
}
