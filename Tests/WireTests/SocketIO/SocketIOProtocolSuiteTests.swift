import Testing

@testable import Wire

/// The sixteen tests of the public suite for Socket.IO v5 that are not Engine.IO's, by their names, on the machines.
@Suite("Socket.IO protocol")
struct SocketIOProtocolSuiteTests {
    /// A client that is in the main namespace.
    static func connected() -> SocketIOServer {
        let server = SocketIOServer()
        server.send("40")
        #expect(server.received() == ["40{\"sid\":\"sid-1\"}", "42[\"auth\",{}]"])
        return server
    }

    @Suite("connect")
    struct Connect {
        private let server = SocketIOServer()

        @Test("should allow connection to the main namespace")
        func main() {
            server.send("40")
            #expect(server.received() == ["40{\"sid\":\"sid-1\"}", "42[\"auth\",{}]"])
        }

        @Test("should allow connection to the main namespace with a payload")
        func mainWithPayload() {
            server.send("40{\"token\":\"123\"}")
            #expect(server.received() == ["40{\"sid\":\"sid-1\"}", "42[\"auth\",{\"token\":\"123\"}]"])
        }

        @Test("should allow connection to a custom namespace")
        func custom() {
            server.send("40/custom,")
            #expect(server.received() == ["40/custom,{\"sid\":\"sid-1\"}", "42/custom,[\"auth\",{}]"])
        }

        @Test("should allow connection to a custom namespace with a payload")
        func customWithPayload() {
            server.send("40/custom,{\"token\":\"abc\"}")
            #expect(
                server.received() == ["40/custom,{\"sid\":\"sid-1\"}", "42/custom,[\"auth\",{\"token\":\"abc\"}]"])
        }

        @Test("should disallow connection to an unknown namespace")
        func unknown() {
            server.send("40/random")
            #expect(server.received() == ["44/random,{\"message\":\"Invalid namespace\"}"])
            #expect(!server.isClosed)
        }

        @Test("should disallow connection with an invalid handshake")
        func invalid() {
            server.send("4abc")
            #expect(server.error == .unknownType)
        }

        @Test("should close the connection if no handshake is received")
        func none() {
            server.connectTimeout()
            #expect(server.isClosed)
        }
    }

    @Suite("disconnect")
    struct Disconnect {
        private let server = connected()

        @Test("should disconnect from the main namespace")
        func main() {
            server.send("41")
            // The session lives on: the next thing that a client sees is a ping.
            #expect(server.received().isEmpty && !server.isClosed)
        }

        @Test("should connect then disconnect from a custom namespace")
        func custom() {
            server.send("40/custom")
            #expect(server.received() == ["40/custom,{\"sid\":\"sid-2\"}", "42/custom,[\"auth\",{}]"])
            server.send("41/custom")
            server.send("42[\"message\",\"message to main namespace\"]")
            #expect(server.received() == ["42[\"message-back\",\"message to main namespace\"]"])
        }
    }

    @Suite("message")
    struct Message {
        private let server = connected()

        @Test("should send a plain-text packet")
        func text() {
            server.send("42[\"message\",1,\"2\",{\"3\":[true]}]")
            #expect(server.received() == ["42[\"message-back\",1,\"2\",{\"3\":[true]}]"])
        }

        @Test("should send a packet with binary attachments")
        func binary() {
            server.send("452-[\"message\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]")
            server.send(.binary([1, 2, 3]))
            #expect(server.received().isEmpty)
            server.send(.binary([4, 5, 6]))
            #expect(
                server.received() == [
                    "452-[\"message-back\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
                    .binary([1, 2, 3]), .binary([4, 5, 6]),
                ])
        }

        @Test("should send a plain-text packet with an ack")
        func ack() {
            server.send("42456[\"message-with-ack\",1,\"2\",{\"3\":[false]}]")
            #expect(server.received() == ["43456[1,\"2\",{\"3\":[false]}]"])
        }

        @Test("should send a packet with binary attachments and an ack")
        func binaryAck() {
            server.send(
                "452-789[\"message-with-ack\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]")
            server.send(.binary([1, 2, 3]))
            server.send(.binary([4, 5, 6]))
            #expect(
                server.received() == [
                    "462-789[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
                    .binary([1, 2, 3]), .binary([4, 5, 6]),
                ])
        }

        @Test("should close the connection upon invalid format (unknown packet type)")
        func unknownType() {
            server.send("4abc")
            #expect(server.error == .unknownType)
        }

        @Test("should close the connection upon invalid format (invalid payload format)")
        func invalidPayload() {
            server.send("42{}")
            #expect(server.error == .wrongPayload)
        }

        @Test("should close the connection upon invalid format (invalid ack id)")
        func invalidID() {
            server.send("42abc[\"message-with-ack\",1,\"2\",{\"3\":[false]}]")
            #expect(server.error == .malformedPayload)
        }
    }
}
