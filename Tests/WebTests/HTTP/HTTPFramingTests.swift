import Testing

@testable import Web

@Suite("HTTP framing")
struct HTTPFramingTests {
    private let limits = HTTPLimits(bodyBytes: 1000)

    private func request(_ fields: (String, String)..., minorVersion: Int = 1) throws -> HTTPFraming {
        try HTTPFraming.request(HTTPHeaders(fields), minorVersion: minorVersion, limits: limits)
    }

    private func response(_ status: Int, _ method: String, _ fields: (String, String)...) throws -> HTTPFraming {
        try HTTPFraming.response(
            HTTPHeaders(fields), status: status, method: method, minorVersion: 1, limits: limits)
    }

    @Test("a request without framing has no body, a response lasts until the end")
    func implicit() throws {
        #expect(try request() == .length(0))
        #expect(try response(200, "GET") == .untilClose)
    }

    @Test("statuses and methods without a body have none, whatever the fields say")
    func bodiless() throws {
        for status in [100, 101, 199, 204, 304] {
            #expect(try response(status, "GET", ("Content-Length", "9")) == .length(0))
        }
        #expect(try response(200, "HEAD", ("Transfer-Encoding", "chunked")) == .length(0))
        #expect(try response(200, "GET", ("Content-Length", "9")) == .length(9))
    }

    @Test("a length is decimal digits, once, within bounds")
    func lengths() throws {
        #expect(try request(("Content-Length", "1000")) == .length(1000))
        #expect(throws: HTTPError.bodyTooLarge) { try request(("Content-Length", "1001")) }
        #expect(throws: HTTPError.bodyTooLarge) { try request(("Content-Length", String(repeating: "9", count: 40))) }
        for text in ["", "-1", "+1", "1.0", "0x10", "1 2", "1,1", "1, 1", "١", "1a", "1e2", "1_0"] {
            #expect(throws: HTTPError.malformedContentLength, "\(text)") { try request(("Content-Length", text)) }
        }
        #expect(throws: HTTPError.malformedContentLength) {
            try request(("Content-Length", "1"), ("content-length", "1"))
        }
    }

    @Test("chunked is the only coding, the last, and alone")
    func codings() throws {
        #expect(try request(("Transfer-Encoding", "chunked")) == .chunked)
        #expect(try request(("Transfer-Encoding", "CHUNKED")) == .chunked)
        for text in [
            "", "identity", "gzip", "chunked, gzip", "chunked, chunked", "chunked;q=1", "xchunked", "chunked,",
            ",chunked", "chunked x", "\"chunked\"",
        ] {
            #expect(throws: HTTPError.malformedTransferEncoding, "\(text)") { try request(("Transfer-Encoding", text)) }
        }
        #expect(throws: HTTPError.unsupportedTransferCoding) { try request(("Transfer-Encoding", "gzip, chunked")) }
        #expect(throws: HTTPError.malformedTransferEncoding) {
            try request(("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked"))
        }
        #expect(throws: HTTPError.malformedTransferEncoding) {
            try request(("Transfer-Encoding", "chunked"), ("Transfer-Encoding", ""))
        }
        #expect(throws: HTTPError.malformedTransferEncoding) {
            try request(("Transfer-Encoding", "chunked"), minorVersion: 0)
        }
    }

    @Test("two framings exclude each other, in both directions")
    func both() {
        #expect(throws: HTTPError.conflictingFraming) {
            try request(("Content-Length", "1"), ("Transfer-Encoding", "chunked"))
        }
        #expect(throws: HTTPError.conflictingFraming) {
            try response(200, "GET", ("Transfer-Encoding", "chunked"), ("Content-Length", "1"))
        }
    }
}
