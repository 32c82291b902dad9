import Bytes
import Testing

@Suite struct SHA1Tests {
    private func digest(_ text: String) -> String {
        Hexadecimal.encode(Array(text.utf8).withUnsafeBytes { SHA1.digest($0) })
    }

    /// FIPS 180-2 appendix A and RFC 3174 §7.3.
    @Test func vectorsOfTheStandard() {
        #expect(digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(digest(long) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(digest(String(repeating: "a", count: 1_000_000)) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
        let eighty = String(repeating: "01234567", count: 80)
        #expect(digest(eighty) == "dea356a2cddd90c7a7ecedc5ebb563934f460452")
    }

    /// The example of RFC 6455 §1.3.
    @Test func theHandshakeOfTheWebSocketRFC() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        let digest = Array(key.utf8).withUnsafeBytes { SHA1.digest($0) }
        #expect(Base64.encode(digest) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func everyLengthAroundTheBlockHasItsOwnDigest() {
        let digests = (0...130).map { digest(String(repeating: "x", count: $0)) }
        #expect(Set(digests).count == 131)
        #expect(digest(String(repeating: "x", count: 55)) == "cef734ba81a024479e09eb5a75b6ddae62e6abf1")
    }
}
