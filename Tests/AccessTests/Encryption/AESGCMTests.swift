import Bytes
import Testing

@testable import Access

@Suite struct AESGCMTests {
    private func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], beside: [UInt8]) -> AESGCM.Sealed {
        plaintext.withUnsafeBytes { plaintext in
            beside.withUnsafeBytes { AESGCM.seal(plaintext, key: key, nonce: nonce, beside: $0) }
        }
    }

    /// The example's own content key and vector: its wrapping by RSA is another matter.
    @Test func theExampleOfRFC7516IsMadeToTheLetter() {
        let sealed = seal(
            [UInt8]("The true sign of intelligence is not knowledge but imagination.".utf8),
            key: [
                177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46,
                34,
                105, 47, 130, 203, 46, 122, 234, 64, 252,
            ],
            nonce: [227, 197, 117, 252, 2, 219, 233, 68, 180, 225, 77, 219],
            beside: [UInt8]("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ".utf8))
        #expect(
            base64URL(sealed.ciphertext)
                == "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A")
        #expect(base64URL(sealed.tag) == "XFBoMYUZodetZdvTiFvSkQ")
    }

    /// Test cases 13 and 14 of McGrew and Viega's specification.
    @Test func zerosAndNothingAreSealedAsSpecified() {
        let (key, nonce) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 12))
        let nothing = seal([], key: key, nonce: nonce, beside: [])
        #expect(nothing.ciphertext.isEmpty)
        #expect(Hexadecimal.encode(nothing.tag) == "530f8afbc74536b9a963b4f1c4cb738b")
        let zeros = seal([UInt8](repeating: 0, count: 16), key: key, nonce: nonce, beside: [])
        #expect(Hexadecimal.encode(zeros.ciphertext) == "cea7403d4d606b6e074ec5d3baf39d18")
        #expect(Hexadecimal.encode(zeros.tag) == "d0d1c8a799996bf0265b98b5d48ab919")
    }

    @Test func anyLengthComesBack() {
        for count in [0, 1, 15, 16, 17, 31, 32, 33, 4096, 100_003] {
            let plaintext = SecureRandom.bytes(count)
            let (key, nonce) = (SecureRandom.bytes(32), SecureRandom.bytes(12))
            let sealed = seal(plaintext, key: key, nonce: nonce, beside: [1, 2, 3])
            #expect(
                openAESGCM(sealed.ciphertext, tag: sealed.tag, key: key, nonce: nonce, beside: [1, 2, 3]) == plaintext)
            #expect(openAESGCM(sealed.ciphertext, tag: sealed.tag, key: key, nonce: nonce, beside: [1, 2]) == nil)
        }
    }
}
