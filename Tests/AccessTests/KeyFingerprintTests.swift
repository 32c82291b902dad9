import Access
import Bytes
import Grid
import Testing

@Suite struct KeyFingerprintTests {
    @Test func isTheDigestInHexadecimal() {
        let key = [UInt8](repeating: 1, count: 32)
        let fingerprint = KeyFingerprint(publicKey: key)
        #expect(fingerprint.text == Hexadecimal.encode(SHA256.digest(key).bytes))
        #expect(fingerprint.text.count == 64)
        #expect("\(fingerprint)" == fingerprint.text)
        #expect(fingerprint != KeyFingerprint(publicKey: [UInt8](repeating: 2, count: 32)))
    }
}
