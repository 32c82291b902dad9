import Service
import Testing

@Suite struct SecretTests {
    @Test func noWayOfPrintingShowsIt() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        struct Holder { let name = "x", password = Secret("hunter2") }
        var inside = ""
        dump(Holder(), to: &inside)
        for text in [
            "\(secret)", String(reflecting: secret), String(describing: [secret]), "\(Holder())", dumped, inside,
        ] {
            #expect(!text.contains("hunter2"), "\(text)")
            #expect(text.contains("[redacted]"))
        }
        #expect(LogValue(secret) == .text("[redacted]"))
        #expect(secret.exposed == "hunter2")
    }
}
