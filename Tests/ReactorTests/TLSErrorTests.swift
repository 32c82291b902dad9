import Testing

@testable import Reactor

struct TLSErrorTests {
    @Test func eachSaysWhatHappened() {
        #expect(TLSError.alert(42).description == "the peer refused: bad certificate (alert 42)")
        #expect(
            TLSError.certificate(code: 10, reason: "certificate has expired").description
                == "the certificate is not trusted: certificate has expired")
        #expect(TLSError.plainHTTP.description.contains("HTTP"))
    }
}
