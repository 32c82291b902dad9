import Access
import Testing

@Suite struct JoinTokenTests {
    @Test func mintedTokensAreReadBack() throws {
        for _ in 0..<100 {
            let token = JoinToken.mint()
            #expect(token.text.hasPrefix("ngj_") && token.text.utf8.count == 47)
            let read = try #require(JoinToken(token.text))
            #expect(read == token)
            #expect(read.digest == SHA256.digest(token.text))
        }
        #expect(Set((0..<1000).map { _ in JoinToken.mint().digest }).count == 1000)
    }

    @Test func otherTextsAreNoTokens() {
        let text = JoinToken.mint().text
        let secret = text.dropFirst(4)
        let others = [
            "", "ngj_", String(secret), "NGJ_" + secret, text + "A", text + "=", String(text.dropLast()), " " + text,
            text + "\n", "ngj_" + String(repeating: "+", count: 43), "ngj_" + String(repeating: "A", count: 42) + "B",
        ]
        for other in others { #expect(JoinToken(other) == nil, "\(other)") }
    }

    @Test func printingShowsNothing() {
        let token = JoinToken.mint()
        let secret = String(token.text.dropFirst(4))
        var dumped = ""
        dump(token, to: &dumped)
        for shown in ["\(token)", String(reflecting: token), dumped, "\([token])"] {
            #expect(!shown.contains(secret))
        }
    }
}
