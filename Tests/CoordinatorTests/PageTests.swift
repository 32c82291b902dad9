import Access
import Bytes
import Grid
import Testing

@testable import neurogrid_coordinator

/// The pages say what the documents say, and ask nothing of the browser that shows them.
@Suite struct PageTests {
    private static func get(_ path: String) throws -> (head: String, body: String) {
        let bench = try EdgeBench()
        defer { bench.close() }
        let answer = try bench.request("GET \(path)").answer
        let end = try #require(answer.firstRange(of: "\r\n\r\n"))
        return (String(answer[..<end.lowerBound]), String(answer[end.upperBound...]))
    }

    private static let pages = ["/api-docs", "/docs/security"]

    @Test(arguments: pages)
    func nothingIsLoadedOrRun(_ path: String) throws {
        let (head, body) = try Self.get(path)
        #expect(head.hasPrefix("HTTP/1.1 200") && head.contains("Content-Type: text/html; charset=utf-8\r\n"))
        let style = try #require(body.firstMatch(of: /<style>([^<]*)<\/style>/)).output.1
        let digest = Base64.encode(SHA256.digest(String(style)).bytes)
        #expect(
            head.contains(
                "Content-Security-Policy: default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; "
                    + "form-action 'none'; frame-ancestors 'none'\r\n"))
        #expect(head.contains("X-Content-Type-Options: nosniff"))
        for word in ["<script", "<link", "<img", "style=", "http:", "src=", "url(", "@import"] {
            #expect(!body.contains(word), "\(word)")
        }
        #expect(body.firstMatch(of: /<[^>]* on[a-z]+=/) == nil)
        #expect(body.hasPrefix("<!doctype html>") && body.hasSuffix("</html>\n"))
    }

    @Test func theAPIsPageListsEveryRequestAndMessage() throws {
        let body = try Self.get("/api-docs").body
        let expected = Route.allCases.flatMap { route in
            route.methods.filter { $0 != "HEAD" }.map { (route.rawValue, $0) }
        }
        #expect(APIPage.requests.count == expected.count)
        for (path, method) in expected {
            let request = try #require(APIPage.requests.first { $0.path == path && $0.method == method })
            #expect(!request.summary.isEmpty && body.contains(Page.escaped(request.summary)), "\(method) \(path)")
            #expect(body.contains("<code>\(path)</code>"))
        }
        for message in AsyncAPI.channels.flatMap(\.messages) {
            #expect(body.contains("<summary><code>\(message.name)</code>"), "\(message.key)")
            #expect(body.contains("<pre>\(Page.escaped(message.example))</pre>"), "\(message.key)")
        }
    }

    @Test func tagsAreBalanced() throws {
        for path in Self.pages {
            let body = try Self.get(path).body
            var open: [Substring] = []
            for tag in body.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) where !["meta", "html"].contains(tag.output.2) {
                if tag.output.1.isEmpty { open.append(tag.output.2) } else { #expect(open.popLast() == tag.output.2) }
            }
            #expect(open.isEmpty)
        }
    }

    @Test func textIsEscaped() {
        #expect(Page.escaped("<a href=\"x\">&'") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;")
        #expect(Page.marked("say `<b>` & `c`") == "say <code>&lt;b&gt;</code> &amp; <code>c</code>")
    }

    @Test func theSecurityPageNamesTheLimitsThatHold() throws {
        let body = try Self.get("/docs/security").body.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for word in [
            "10 connections at a time", "100 messages a minute", "16 KiB", "1 MiB", "allowed_origins", "TLS 1.2",
        ] {
            #expect(body.contains(word), "\(word)")
        }
    }
}
