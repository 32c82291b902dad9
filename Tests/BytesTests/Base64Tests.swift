import Bytes
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 §10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func vectorsOfTheRFC(_ plain: String, _ encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        let bare = String(encoded.prefix { $0 != "=" })
        #expect(Base64.encode(Array(plain.utf8), padded: false) == bare)
        #expect(Base64.decode(bare, padded: false) == Array(plain.utf8))
        #expect(Base64.decode(bare, urlSafe: true) == Array(plain.utf8))
    }

    @Test func theAlphabetsDifferInTwoPlaces() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xBF]
        #expect(Base64.encode(bytes) == "+/+/")
        #expect(Base64.encode(bytes, urlSafe: true) == "-_-_")
        #expect(Base64.decode("-_-_", urlSafe: true) == bytes)
        #expect(Base64.decode("-_-_") == nil)
        #expect(Base64.decode("+/+/", urlSafe: true) == nil)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9vZg=", "Zm 9v", "Zm9v\n", "Zh==", "Zm9=", "Zg==Zg==",
        "Zm9*",
        "é===",
    ])
    func whatNoEncoderWritesIsRefused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Z", "Zh", "Zm9", "Zm8="])
    func urlSafeTextHasNoPaddingAndNoStrayBits(_ text: String) {
        #expect(Base64.decode(text, urlSafe: true) == nil)
    }

    @Test func paddedUrlSafeTextWhereAskedFor() {
        #expect(Base64.decode("Zg==", urlSafe: true, padded: true) == [0x66])
        #expect(Base64.decode("Zg", urlSafe: true, padded: true) == nil)
    }

    @Test func everyLengthGoesThereAndBack() {
        var random = SeededRandom(seed: 3)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            for urlSafe in [false, true] {
                for padded in [false, true] {
                    let text = Base64.encode(bytes, urlSafe: urlSafe, padded: padded)
                    #expect(Base64.decode(text, urlSafe: urlSafe, padded: padded) == bytes)
                }
            }
        }
    }
}
