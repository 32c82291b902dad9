import Testing

@testable import Service

@Suite struct NearestTests {
    @Test(
        arguments: [
            ("lisen", "listen"), ("listne", "listen"), ("listen", "listen"), ("data-dirs", "data-dir"), ("xyz", nil),
            ("", nil),
            ("tl", "ttl"),
        ] as [(String, String?)])
    func theNearestWord(_ word: String, _ expected: String?) {
        #expect(nearest(to: word, in: ["listen", "data-dir", "ttl"]) == expected)
    }
}
