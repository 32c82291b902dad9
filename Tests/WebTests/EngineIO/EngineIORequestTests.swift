import Testing

@testable import Web

@Suite("Engine.IO requests")
struct EngineIORequestTests {
    /// What a request means, or why it means nothing.
    private func request(
        _ query: String, _ method: String = "GET", upgrade: Bool = false
    ) throws -> Result<EngineIORequest, EngineIORefusal> {
        let fields = upgrade ? "Connection: upgrade\r\nUpgrade: websocket\r\n" : ""
        let text = "\(method) /socket.io/?\(query) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
        let head = try #require(try requestHead(text))
        return Result { () throws(EngineIORefusal) in try EngineIORequest(head) }
    }

    @Test("what opens a session")
    func opens() throws {
        #expect(try request("EIO=4&transport=polling") == .success(.open(.polling)))
        #expect(try request("t=abc&transport=polling&EIO=4&b64=1") == .success(.open(.polling)))
        #expect(try request("EIO=4&transport=websocket", upgrade: true) == .success(.open(.webSocket)))
        #expect(try request("EIO=4&transport=polling&sid=") == .success(.open(.polling)))
    }

    @Test("what belongs to a session")
    func sessions() throws {
        #expect(try request("EIO=4&transport=polling&sid=a-_1") == .success(.poll(sid: "a-_1")))
        #expect(try request("EIO=4&transport=polling&sid=a", "POST") == .success(.post(sid: "a")))
        #expect(try request("EIO=4&transport=websocket&sid=a", upgrade: true) == .success(.upgrade(sid: "a")))
    }

    @Test("the transport is looked at first")
    func transports() throws {
        for query in ["", "EIO=4", "transport=&EIO=4", "transport=webtransport", "transport=POLLING&sid=a"] {
            #expect(try request(query, "PUT") == .failure(.unknownTransport))
        }
    }

    @Test("a session is opened with GET, and the transport fits the request")
    func methods() throws {
        for method in ["POST", "PUT", "HEAD", "OPTIONS"] {
            #expect(try request("EIO=4&transport=polling", method) == .failure(.badHandshakeMethod))
        }
        #expect(try request("EIO=4&transport=websocket") == .failure(.badRequest))
        #expect(try request("EIO=4&transport=polling", upgrade: true) == .failure(.badRequest))
        #expect(try request("EIO=4&transport=polling&sid=a", "DELETE") == .failure(.badRequest))
        #expect(try request("EIO=4&transport=websocket&sid=a") == .failure(.badRequest))
        #expect(try request("EIO=4&transport=websocket&sid=a", "POST", upgrade: true) == .failure(.badRequest))
    }

    @Test("only version 4 is spoken, in every request", arguments: ["", "EIO=3", "EIO=5", "EIO=", "EIO=04", "EIO=4x"])
    func versions(version: String) throws {
        #expect(try request("transport=polling&" + version) == .failure(.unsupportedVersion))
        #expect(try request("transport=polling&sid=a&" + version) == .failure(.unsupportedVersion))
    }

    @Test("an id with bad escapes is nobody's, and of several the first counts")
    func ids() throws {
        #expect(try request("EIO=4&transport=polling&sid=%zz") == .failure(.unknownSession))
        #expect(try request("EIO=4&transport=polling&sid=&sid=b") == .failure(.unknownSession))
        #expect(try request("EIO=4&transport=polling&sid=a&sid=b") == .success(.poll(sid: "a")))
    }
}
