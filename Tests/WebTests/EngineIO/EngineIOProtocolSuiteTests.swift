import Bytes
import Testing

@testable import Web

/// The tests of the public suite for Engine.IO v4, by their names, on machines instead of sockets. The public suite for
/// Socket.IO v5 has 16 of them once more, in other words, for its own path.
@Suite("Engine.IO protocol")
struct EngineIOProtocolSuiteTests {
    /// Checks an open packet as both suites do.
    static func checkOpen(_ text: String, upgrades: String) {
        #expect(
            text
                == "0{\"sid\":\"sid-1\",\"upgrades\":[\(upgrades)],\"pingInterval\":300,\"pingTimeout\":200,"
                + "\"maxPayload\":1000000}")
    }

    @Suite("handshake")
    struct Handshake {
        @Suite("HTTP long-polling")
        struct Polling {
            @Test("successfully opens a session")
            func opens() throws {
                let response = try EngineIOServer().get("EIO=4&transport=polling")
                #expect(response.status == 200)
                checkOpen(response.body, upgrades: "\"websocket\"")
            }

            @Test(
                "fails with an invalid 'EIO' query parameter",
                arguments: ["transport=polling", "EIO=abc&transport=polling"])
            func version(query: String) throws { #expect(try EngineIOServer().get(query).status == 400) }

            @Test("fails with an invalid 'transport' query parameter", arguments: ["EIO=4", "EIO=4&transport=abc"])
            func transport(query: String) throws { #expect(try EngineIOServer().get(query).status == 400) }

            @Test("fails with an invalid request method", arguments: ["POST", "PUT"])
            func method(method: String) throws {
                #expect(try EngineIOServer().fetch(method, "EIO=4&transport=polling").status == 400)
            }
        }

        @Suite("WebSocket")
        struct WebSocket {
            @Test("successfully opens a session")
            func opens() throws {
                let socket = try EngineIOServer().webSocket("EIO=4&transport=websocket")
                guard case .text(let text)? = socket.received.first else { throw EngineIORefusal.badRequest }
                checkOpen(text, upgrades: "")
                #expect(socket.received.count == 1 && socket.isOpen)
            }

            @Test(
                "fails with an invalid 'EIO' query parameter",
                arguments: ["transport=websocket", "EIO=abc&transport=websocket"])
            func version(query: String) throws { #expect(try EngineIOServer().webSocket(query).refusal == 400) }

            @Test("fails with an invalid 'transport' query parameter", arguments: ["EIO=4", "EIO=4&transport=abc"])
            func transport(query: String) throws { #expect(try EngineIOServer().webSocket(query).refusal == 400) }
        }
    }

    @Suite("message")
    struct Message {
        @Suite("HTTP long-polling")
        struct Polling {
            private let server = EngineIOServer()

            private func echoes(_ payload: String) throws {
                let sid = try server.openPolling()
                let push = try server.post(sid, payload)
                #expect(push.status == 200 && push.body == "ok")
                let poll = try server.poll(sid)
                #expect(poll.status == 200 && poll.body == payload)
            }

            @Test("sends and receives a payload containing one plain text packet")
            func one() throws { try echoes("4hello") }

            @Test("sends and receives a payload containing several plain text packets")
            func several() throws { try echoes("4test1\u{1E}4test2\u{1E}4test3") }

            @Test("sends and receives a payload containing plain text and binary packets")
            func binary() throws {
                try echoes("4hello\u{1E}bAQIDBA==")
                #expect(server.messages == ["hello", .binary([1, 2, 3, 4])])
            }

            @Test("closes the session upon invalid packet format")
            func invalid() throws {
                let sid = try server.openPolling()
                #expect(try server.post(sid, "abc").status == 400)
                #expect(try server.poll(sid).status == 400)
                #expect(server.endings == [sid: .invalidPacket])
            }

            @Test("closes the session upon duplicate poll requests")
            func duplicate() throws {
                let sid = try server.openPolling()
                let first = try server.poll(sid)
                #expect(first.status == nil)
                let second = try server.get("EIO=4&transport=polling&sid=\(sid)&t=burst")
                #expect(first.status == 200 && first.body == "1")
                #expect(second.status == 400)
                #expect(try server.poll(sid).status == 400)
                #expect(server.endings == [sid: .overlap])
            }

            @Test("closes the session upon cancelled polling request")
            func cancelled() throws {
                let sid = try server.openPolling()
                let poll = try server.poll(sid)
                try server.abort(poll)
                #expect(try server.poll(sid).status == 400)
                #expect(server.endings == [sid: .transportClosed] && poll.status == nil)
            }
        }

        @Suite("WebSocket")
        struct WebSocket {
            private let server = EngineIOServer()

            @Test("sends and receives a plain text packet")
            func text() throws {
                let socket = try server.openWebSocket()
                try server.send("4hello", over: socket)
                #expect(socket.received == ["4hello"])
            }

            @Test("sends and receives a binary packet")
            func binary() throws {
                let socket = try server.openWebSocket()
                try server.send(.binary([1, 2, 3, 4]), over: socket)
                #expect(socket.received == [.binary([1, 2, 3, 4])])
            }

            @Test("closes the session upon invalid packet format")
            func invalid() throws {
                let socket = try server.openWebSocket()
                try server.send("abc", over: socket)
                #expect(socket.closeCode == 1002)
            }
        }
    }

    @Suite("heartbeat")
    struct Heartbeat {
        @Test("HTTP long-polling: sends ping/pong packets")
        func polling() throws {
            let server = EngineIOServer()
            let sid = try server.openPolling()
            for _ in 0..<3 {
                let poll = try server.poll(sid)
                #expect(poll.status == nil)
                try server.sleep(milliseconds: 300)
                #expect(poll.status == 200 && poll.body == "2")
                #expect(try server.post(sid, "3").status == 200)
            }
        }

        @Test("HTTP long-polling: closes the session upon ping timeout")
        func pollingTimeout() throws {
            let server = EngineIOServer()
            let sid = try server.openPolling()
            try server.sleep(milliseconds: 500)
            #expect(try server.poll(sid).status == 400)
            #expect(server.endings == [sid: .pingTimeout])
        }

        @Test("WebSocket: sends ping/pong packets")
        func webSocket() throws {
            let server = EngineIOServer()
            let socket = try server.openWebSocket()
            for count in 1...3 {
                try server.sleep(milliseconds: 300)
                #expect(socket.received == [EngineIOFrame](repeating: "2", count: count))
                try server.send("3", over: socket)
            }
            #expect(socket.isOpen)
        }

        @Test("WebSocket: closes the session upon ping timeout")
        func webSocketTimeout() throws {
            let server = EngineIOServer()
            let socket = try server.openWebSocket()
            try server.sleep(milliseconds: 499)
            #expect(socket.isOpen)
            try server.sleep(milliseconds: 1)
            #expect(socket.closeCode == 3012)
        }
    }

    @Suite("close")
    struct Close {
        @Test("HTTP long-polling: forcefully closes the session")
        func polling() throws {
            let server = EngineIOServer()
            let sid = try server.openPolling()
            let poll = try server.poll(sid)
            #expect(try server.post(sid, "1").body == "ok")
            #expect(poll.status == 200 && poll.body == "6")
            #expect(try server.poll(sid).status == 400)
        }

        @Test("WebSocket: forcefully closes the session")
        func webSocket() throws {
            let server = EngineIOServer()
            let socket = try server.openWebSocket()
            try server.send("1", over: socket)
            #expect(socket.closeCode == 1000)
        }
    }

    @Suite("upgrade")
    struct Upgrade {
        private let server = EngineIOServer()

        private func upgrading() throws -> (String, EngineIOSocket) {
            let sid = try server.openPolling()
            let socket = try server.upgrade(sid)
            #expect(socket.isOpen)
            try server.send("2probe", over: socket)
            #expect(socket.received == ["3probe"])
            return (sid, socket)
        }

        @Test("successfully upgrades from HTTP long-polling to WebSocket")
        func upgrades() throws {
            let (sid, socket) = try upgrading()
            let poll = try server.poll(sid)
            #expect(poll.status == 200 && poll.body == "6")
            try server.send("5", over: socket)
            try server.send("4hello", over: socket)
            #expect(socket.received == ["3probe", "4hello"])
        }

        @Test("ignores HTTP requests with same sid after upgrade")
        func ignoresRequests() throws {
            let (sid, socket) = try upgrading()
            try server.send("5", over: socket)
            #expect(try server.poll(sid).status == 400)
            try server.send("4hello", over: socket)
            #expect(socket.received == ["3probe", "4hello"])
        }

        @Test("ignores WebSocket connection with same sid after upgrade")
        func ignoresWebSockets() throws {
            let (sid, socket) = try upgrading()
            try server.send("5", over: socket)
            let other = try server.upgrade(sid)
            // The suite's client takes a refused handshake for a fault, so that one has to succeed.
            #expect(other.refusal == nil && other.closeCode == 1000)
            try server.send("4hello", over: socket)
            #expect(socket.received == ["3probe", "4hello"])
        }
    }
}
