import Access
import Testing

@Suite struct APIKeyTests {
    @Test func mintedKeysAreReadBack() throws {
        for _ in 0..<100 {
            let key = APIKey.mint()
            #expect(key.text.hasPrefix("ngk_") && key.text.utf8.count == 47)
            let read = try #require(APIKey(key.text))
            #expect(read == key)
            #expect(read.digest == SHA256.digest(key.text))
        }
        #expect(Set((0..<1000).map { _ in APIKey.mint().digest }).count == 1000)
    }

    @Test func otherTextsAreNoKeys() {
        let text = APIKey.mint().text
        let secret = text.dropFirst(4)
        let others = [
            "", "ngk_", String(secret), "NGK_" + secret, "ngj_" + secret, text + "A", text + "=",
            String(text.dropLast()), " " + text, text + "\n", "ngk_" + String(repeating: "+", count: 43),
            "ngk_" + String(repeating: "A", count: 42) + "B", "ngk_" + String(repeating: "A", count: 100_000),
        ]
        for other in others { #expect(APIKey(other) == nil, "\(other.prefix(80))") }
    }

    @Test func printingShowsNothing() {
        let key = APIKey.mint()
        let secret = String(key.text.dropFirst(4))
        var dumped = ""
        dump(key, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped, "\([key])"] {
            #expect(!shown.contains(secret))
        }
    }
}
