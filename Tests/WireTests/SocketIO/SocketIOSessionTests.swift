import Bytes
import Testing

@testable import Wire

@Suite("Socket.IO namespaces")
struct SocketIOSessionTests {
    /// What a step is, without its bytes.
    private enum Seen: Equatable {
        case connect(Int, String)
        case refused
        case event(Int, String?)
        case ack(Int, UInt64?)
        case disconnect(Int)
        case close(SocketIOViolation)
    }

    private var session = SocketIOSession(namespaces: ["/", "/ws"])
    private var answer = ByteBuffer()

    private mutating func take(_ text: String) throws -> Seen {
        answer.removeAll()
        return try Array(text.utf8).withExact { bytes in
            switch session.receive(try SocketIOPacket(bytes), into: &answer) {
            case .connect(let namespace, let auth): .connect(namespace, String(decoding: auth, as: UTF8.self))
            case .refused: .refused
            case .event(let namespace, let packet): .event(namespace, packet.event?.string)
            case .ack(let namespace, let packet): .ack(namespace, packet.id)
            case .disconnect(let namespace): .disconnect(namespace)
            case .close(let violation): .close(violation)
            }
        }
    }

    private mutating func accept(_ namespace: Int) -> String {
        written { session.accept(namespace, sid: "s", into: &$0) }
    }

    @Test("a client asks, is let in, and then may speak")
    mutating func connects() throws {
        #expect(session.isOutside)
        #expect(try take("0/ws,{\"token\":\"t\"}") == .connect(1, "{\"token\":\"t\"}"))
        #expect(answer.isEmpty && !session.isConnected(1) && session.isOutside)
        #expect(accept(1) == "0/ws,{\"sid\":\"s\"}")
        #expect(session.isConnected(1) && !session.isConnected(0) && !session.isOutside)
        #expect(try take("2/ws,[\"subscribe\"]") == .event(1, "subscribe"))
        #expect(try take("50-/ws,[\"subscribe\"]") == .event(1, "subscribe"))
        #expect(try take("3/ws,4[]") == .ack(1, 4))
        #expect(try take("60-/ws,4[]") == .ack(1, 4))
        #expect(try take("0") == .connect(0, ""))
    }

    @Test(
        "nothing may come for a namespace before the client is in it",
        arguments: [
            "2/ws,[\"a\"]", "50-/ws,[\"a\"]", "3/ws,1[]", "60-/ws,1[]", "1/ws", "2[\"a\"]", "1", "2/other,[\"a\"]",
        ])
    mutating func tooEarly(text: String) throws {
        #expect(try take(text) == .close(.notConnected))
        var session = SocketIOSession(namespaces: ["/", "/ws"])
        swap(&session, &self.session)
        _ = try take("0/ws")
        #expect(try take(text) == .close(.notConnected))
    }

    @Test("nobody connects twice")
    mutating func twice() throws {
        _ = try take("0/ws")
        #expect(try take("0/ws") == .close(.alreadyConnected))
        _ = accept(1)
        #expect(try take("0/ws") == .close(.alreadyConnected))
    }

    @Test("a namespace that is not served is refused, and the session goes on")
    mutating func unknown() throws {
        #expect(try take("0/random") == .refused)
        #expect(answer.text == "4/random,{\"message\":\"Invalid namespace\"}")
        #expect(try take("0/ws") == .connect(1, ""))
    }

    @Test("who was refused may ask again")
    mutating func refuses() throws {
        _ = try take("0/ws")
        let text = written {
            session.refuse(1, message: "invalid token", data: "{\"code\":\"INVALID_TOKEN\"}", into: &$0)
        }
        #expect(text == "4/ws,{\"message\":\"invalid token\",\"data\":{\"code\":\"INVALID_TOKEN\"}}")
        #expect(session.isOutside)
        #expect(try take("0/ws") == .connect(1, ""))
    }

    @Test("who leaves, or is put out, is out until it asks again")
    mutating func leaves() throws {
        _ = try take("0/ws")
        _ = accept(1)
        #expect(try take("1/ws,") == .disconnect(1))
        #expect(answer.isEmpty && session.isOutside)
        _ = try take("0/ws")
        _ = accept(1)
        #expect(written { session.disconnect(1, into: &$0) } == "1/ws,")
        #expect(try take("2/ws,[\"a\"]") == .close(.notConnected))
    }

    @Test("only servers refuse")
    mutating func connectError() throws { #expect(try take("4{}") == .close(.notAServer)) }

    @Test("a session is small, and has a bit for each of its namespaces")
    func size() throws {
        #expect(MemoryLayout<SocketIOSession>.size <= 16)
        let names = (0..<SocketIOSession.maximumNamespaces).map { "/\($0)" }
        var many = SocketIOSessionTests()
        many.session = SocketIOSession(namespaces: names)
        for (index, name) in names.enumerated() {
            #expect(try many.take("0" + name) == .connect(index, ""))
            _ = many.accept(index)
        }
        #expect(names.indices.allSatisfy(many.session.isConnected))
    }
}
