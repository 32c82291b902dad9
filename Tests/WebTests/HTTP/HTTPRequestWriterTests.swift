import Bytes
import Testing

@testable import Web

@Suite("HTTP request writer")
struct HTTPRequestWriterTests {
    private func request(
        _ method: String, _ target: String = "/a?b=c", headers: [(String, String)] = [], body: String? = nil,
        keepAlive: Bool = true
    ) -> String {
        var buffer = ByteBuffer()
        if let body {
            [UInt8](body).withUnsafeBytes {
                _ = HTTPRequestWriter.write(
                    method: method, target: target, host: "h:80", headers: headers, body: $0, keepAlive: keepAlive,
                    into: &buffer)
            }
        } else {
            HTTPRequestWriter.write(
                method: method, target: target, host: "h:80", headers: headers, keepAlive: keepAlive, into: &buffer)
        }
        return buffer.text
    }

    @Test("a request names its host, and its length where it may have a body")
    func whole() {
        #expect(request("GET") == "GET /a?b=c HTTP/1.1\r\nHost: h:80\r\n\r\n")
        #expect(request("POST") == "POST /a?b=c HTTP/1.1\r\nHost: h:80\r\nContent-Length: 0\r\n\r\n")
        #expect(
            request("PUT", headers: [("A", "b")], body: "xyz", keepAlive: false)
                == "PUT /a?b=c HTTP/1.1\r\nHost: h:80\r\nA: b\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxyz")
    }

    @Test("what is written parses back")
    func roundTrip() {
        var buffer = ByteBuffer()
        buffer.append(request("GET"))
        buffer.append(request("POST", headers: [("X", "a\r\nb")], body: "hello"))
        for (method, keepAlive) in [("PUT", true), ("PATCH", false)] {
            HTTPRequestWriter.writeChunkedHead(
                method: method, target: "/c", host: "h", keepAlive: keepAlive, into: &buffer)
            for piece in ["he", "llo"] {
                [UInt8](piece).withUnsafeBytes { HTTPRequestWriter.appendChunk($0, into: &buffer) }
            }
            HTTPRequestWriter.appendLastChunk(into: &buffer)
        }
        let seen = SeenHTTP.requests(.chopped(buffer.bytes))
        #expect(
            seen.events == [
                "head GET /a?b=c 1", "end", "head POST /a?b=c 1", "body hello", "end", "head PUT /c 1", "body hello",
                "end", "head PATCH /c 1", "body hello", "end",
            ])
    }

    @Test("targets and hosts that cannot stand in a request are told beforehand")
    func usable() {
        #expect(HTTPRequestWriter.isUsableTarget("/a%20b?c"))
        for target in ["", "a", "/a b", "/a\r\nX: y", "/#", "/é"] { #expect(!HTTPRequestWriter.isUsableTarget(target)) }
        #expect(HTTPRequestWriter.isUsableHost("[::1]:80"))
        for host in ["", "a b", "a\r\nX: y", "a/b"] { #expect(!HTTPRequestWriter.isUsableHost(host)) }
    }

    @Test("using them all the same traps")
    func faults() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            HTTPRequestWriter.write(method: "GET", target: "/\r\nX: y", host: "h", into: &buffer)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            HTTPRequestWriter.write(method: "GET", target: "/", host: "h\r\n", into: &buffer)
        }
    }
}
