import Bytes
import Testing

@testable import Web

@Suite("HTTP response writer")
struct HTTPResponseWriterTests {
    private func written(_ body: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        body(&buffer)
        return buffer.text
    }

    private func respond(
        _ status: Int, _ headers: [(String, String)] = [], body: String? = nil, keepAlive: Bool = true
    ) -> String {
        written { buffer in
            if let body {
                [UInt8](body).withUnsafeBytes {
                    _ = HTTPResponseWriter.write(
                        status: status, headers: headers, body: $0, keepAlive: keepAlive, into: &buffer)
                }
            } else {
                HTTPResponseWriter.write(status: status, headers: headers, keepAlive: keepAlive, into: &buffer)
            }
        }
    }

    @Test("a response has its length and says what becomes of the connection")
    func whole() {
        #expect(
            respond(200, [("Content-Type", "text/plain")], body: "hello")
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
                + "Connection: keep-alive\r\n\r\nhello"
        )
        #expect(
            respond(404, keepAlive: false)
                == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(respond(204) == "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n")
        #expect(respond(299).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test("a head alone announces its body")
    func heads() {
        func head(_ body: HTTPResponseWriter.Body) -> String {
            written { HTTPResponseWriter.writeHead(status: 200, body: body, keepAlive: true, into: &$0) }
        }
        #expect(head(.length(7)) == "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\n")
        #expect(head(.chunked) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n")
        #expect(head(.untilClose) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    }

    @Test("a field that would split the response is left out, and the rest stands")
    func splitting() {
        var buffer = ByteBuffer()
        let omitted = HTTPResponseWriter.write(
            status: 302, headers: [("Location", "/\r\nSet-Cookie: a=b\r\n\r\n<html>"), ("X", "y")], keepAlive: true,
            into: &buffer)
        #expect(omitted == 1)
        #expect(buffer.text == "HTTP/1.1 302 Found\r\nX: y\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
    }

    @Test("what is written parses back", arguments: [200, 201, 304, 400, 503])
    func roundTrip(status: Int) {
        let text = respond(status, [("A", "b")], body: status == 304 ? nil : "body")
        let seen = SeenHTTP.responses(.chopped([UInt8](text + text)))
        let one = ["head \(status) \(HTTPStatus.phrase(status))"] + (status == 304 ? ["end"] : ["body body", "end"])
        #expect(seen.events == one + one)
    }

    @Test("a chunked response parses back")
    func chunked() {
        let text = written { buffer in
            HTTPResponseWriter.writeContinue(into: &buffer)
            HTTPResponseWriter.writeHead(status: 200, body: .chunked, keepAlive: true, into: &buffer)
            for piece in ["one", "", "two"] {
                [UInt8](piece).withUnsafeBytes { HTTPResponseWriter.appendChunk($0, into: &buffer) }
            }
            HTTPResponseWriter.appendLastChunk(into: &buffer)
        }
        #expect(
            SeenHTTP.responses(.whole([UInt8](text))).events
                == ["head 100 Continue", "head 200 OK", "body onetwo", "end"])
    }

    @Test("every error is answered by a response that closes", arguments: HTTPError.allCases)
    func errors(error: HTTPError) throws {
        let text = written { HTTPResponseWriter.write(error, into: &$0) }
        let head = try #require(try responseHead(text))
        #expect(head.status == error.status)
        #expect(!head.keepAlive)
        #expect(text.hasSuffix(error.message.description))
    }

    @Test("an interim or impossible status, or a body where none may be, traps")
    func faults() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            HTTPResponseWriter.write(status: 101, keepAlive: true, into: &buffer)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            [UInt8]("x").withUnsafeBytes {
                _ = HTTPResponseWriter.write(status: 204, body: $0, keepAlive: true, into: &buffer)
            }
        }
    }
}
