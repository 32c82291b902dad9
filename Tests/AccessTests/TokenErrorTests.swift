import Access
import Testing

@Suite struct TokenErrorTests {
    @Test func everyCaseReadsDifferently() {
        let errors: [TokenError] = [
            .malformed("x"), .unsupportedAlgorithm, .badSignature, .expired, .notYetValid, .wrongAudience,
            .wrongIssuer, .missingClaim("sub"),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }
}
