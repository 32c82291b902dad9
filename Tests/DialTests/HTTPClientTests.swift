import Glibc
import Reactor
import Testing
import Web

@testable import Dial

struct HTTPClientTests {
    private func fetch(
        _ harness: DialHarness, _ adjust: (inout HTTPRequest) -> Void = { _ in }
    ) throws -> Result<HTTPResponse, DialError> {
        let client = harness.makeHTTPClient()
        var request = HTTPRequest(url: try harness.url("/x?y=z"))
        adjust(&request)
        var outcomes: [Result<HTTPResponse, DialError>] = []
        client.send(request) { outcomes.append($0) }
        try harness.turn { !outcomes.isEmpty }
        #expect(outcomes.count == 1)
        return outcomes[0]
    }

    private func error(_ outcome: Result<HTTPResponse, DialError>) -> DialError? {
        if case .failure(let error) = outcome { error } else { nil }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 200 OK\r\nX-A: b\r\n\r\nhello",
    ])
    func readsAResponse(text: String) throws {
        let harness = try DialHarness { channel, _ in
            channel.sendRaw(text)
            channel.closeAfterFlush()
        }
        defer { harness.close() }
        let response = try fetch(harness).get()
        #expect(response.status == 200 && response.text == "hello" && response.headers["x-a"] == "b")
    }

    @Test func sendsMethodFieldsAndBody() throws {
        let harness = try DialHarness { channel, _ in
            channel.loop.schedule(afterNanoseconds: 1_000_000) {
                channel.sendRaw("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { harness.close() }
        let body = [UInt8](repeating: 0x7A, count: 300_000)
        let response = try fetch(harness) {
            $0.method = "POST"
            $0.headers = [("Authorization", "Bearer t")]
            $0.body = body
        }.get()
        #expect(response.status == 201 && response.body.isEmpty)
        let server = harness.accepted[0]
        #expect(server.heads[0].method == "POST" && server.heads[0].path == "/x" && server.heads[0].query == "y=z")
        #expect(server.heads[0].headers["authorization"] == "Bearer t" && !server.heads[0].keepAlive)
        try harness.turn { server.body.count == body.count }
        #expect(server.body == body)
    }

    @Test func aBodyBeyondTheLimitIsRefused() throws {
        let harness = try DialHarness { channel, _ in
            channel.sendRaw("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world")
        }
        defer { harness.close() }
        guard case .badResponse = error(try fetch(harness) { $0.maximumBodyBytes = 10 }) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func aResponseCutShortIsAnError() throws {
        let harness = try DialHarness { channel, _ in
            channel.sendRaw("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello")
            channel.closeAfterFlush()
        }
        defer { harness.close() }
        #expect(error(try fetch(harness)) == .endedEarly)
    }

    @Test func anEndWithoutAResponseIsAnError() throws {
        let harness = try DialHarness { channel, _ in channel.close() }
        defer { harness.close() }
        #expect(error(try fetch(harness)) == .endedEarly)
    }

    @Test func aSilentServerTimesOut() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        #expect(error(try fetch(harness) { $0.timeoutMilliseconds = 30 }) == .timedOut)
    }

    @Test func nobodyThereIsUnreachable() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let nobody = try RefusingPort()
        defer { nobody.close() }
        let url = try nobody.url()
        let outcome = try fetch(harness) { $0.url = url }
        #expect(error(outcome) == .unreachable(SystemError(errno: ECONNREFUSED, call: "connect")))
    }

    @Test func aCancelledExchangeIsSilent() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        var called = false
        let exchange = harness.makeHTTPClient().send(HTTPRequest(url: try harness.url())) { _ in called = true }
        try harness.turn { harness.accepted.first?.heads.count == 1 }
        exchange.cancel()
        try harness.turn { harness.accepted[0].hasEnded }
        #expect(!called)
    }

    @Test func theBlockingRequestNeedsNoLoop() throws {
        let path = "/tmp/dial-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let ready = try Mailbox<Bool>(capacity: 1)
        let stop = try Mailbox<Bool>(capacity: 1)
        let thread = LoopThread.start(name: "server") {
            guard
                let harness = try? DialHarness(
                    at: .unix(path: path),
                    serve: { channel, _ in
                        channel.sendRaw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    })
            else { return }
            stop.attach(to: harness.loop) { _ in harness.loop.stop() }
            ready.post(true)
            try? harness.loop.run()
            harness.close()
        }
        #expect(ready.receiveBlocking(timeoutNanoseconds: 60_000_000_000) == [true])
        var request = HTTPRequest(url: try ServiceURL(parsing: "http://control/enrol"))
        request.unixPath = path
        #expect(try HTTPClient.blockingRequest(request).text == "ok")
        stop.post(true)
        thread.join()
        #expect(throws: DialError.unreachable(SystemError(errno: ENOENT, call: "connect"))) {
            _ = try HTTPClient.blockingRequest(request)
        }
    }
}
