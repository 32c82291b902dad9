import Access
import Foundation
import Glibc
import Grid
import Testing

@testable import neurogrid_coordinator

/// What only the built programs show: how they start, fail, answer and end.
@Suite("Programs", .serialized, .timeLimit(.minutes(2)))
struct ProgramTests {
    private static let upgrade =
        "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    private func token(_ data: String, expires: Int64) throws -> String {
        let secret = try SigningSecret.load(from: data + "/jwt.key")
        return JWTSigner(secret: secret).mint(
            TokenClaims(
                subject: UserID("u"), permissions: [.nodeRead], expiresAt: Timestamp(milliseconds: expires * 1000)))
    }

    private func serve(_ scratch: ScratchFolder, loops: Int) throws -> RunningProgram {
        try RunningProgram(
            "neurogrid-coordinator",
            ["serve", "--listen", "127.0.0.1:0", "--data-dir", scratch.path + "/data", "--loops", "\(loops)"])
    }

    @Test func anAgentThatIsNotEnrolledSaysSo() async throws {
        let scratch = try ScratchFolder()
        let agent = try RunningProgram("neurogrid-agent", ["run", "--state-dir", scratch.path + "/state"])
        #expect(await agent.status() == 70)
        #expect(agent.output.contains("not enrolled"))
    }

    @Test func anAgentEndsAtOnceWhileItsCoordinatorIsAway() async throws {
        let scratch = try ScratchFolder()
        let agent = try RunningProgram(
            "neurogrid-agent",
            ["run", "--coordinator", "ws://127.0.0.1:1", "--state-dir", scratch.path + "/state", "--join-token", "t"])
        while agent.isRunning, !agent.output.contains("cannot connect") {
            try await Task.sleep(nanoseconds: 10_000_000)
        }
        // The second one comes while the first is being obeyed.
        agent.signal(SIGTERM)
        agent.signal(SIGINT)
        #expect(await agent.status() == 0, "\(agent.output)")
    }

    @Test func watchingNeedsAToken() async throws {
        let control = try RunningProgram("neurogridctl", ["watch", "nodes"])
        #expect(await control.status() == 64)
        #expect(control.output.contains("token"))
    }

    @Test("a port that another coordinator shares is not taken", arguments: [1, 2])
    func portTaken(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let first = try serve(scratch, loops: 2)
        let port = try #require(try await first.port())
        let second = try RunningProgram(
            "neurogrid-coordinator",
            [
                "serve", "--listen", "127.0.0.1:\(port)", "--data-dir", scratch.path + "/other", "--loops",
                "\(loops)",
            ])
        #expect(await second.status() == 70)
        #expect(second.output.contains("Address already in use"), "\(second.output)")
        // It says which address that is.
        #expect(second.output.contains("127.0.0.1:\(port)"), "\(second.output)")
        first.signal(SIGTERM)
        #expect(await first.status() == 0)
    }

    @Test("a start that fails half way ends", arguments: [1, 2])
    func failsHalfWay(loops: Int) async throws {
        let scratch = try ScratchFolder()
        // Too long for a Unix socket.
        let data = scratch.path + "/" + String(repeating: "d", count: 120)
        let coordinator = try RunningProgram(
            "neurogrid-coordinator",
            ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--loops", "\(loops)"])
        #expect(await coordinator.status() == 70, "\(coordinator.output)")
    }

    @Test("commands that race with a start find their way", arguments: [1, 2])
    func commandsBesideAStart(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let data = scratch.path + "/data"
        let commands = try (0..<3).map { number in
            try RunningProgram(
                "neurogrid-coordinator", ["enroll", "--data-dir", data, "--owner", "o", "--name", "n\(number)"])
        }
        let coordinator = try serve(scratch, loops: loops)
        let late = try RunningProgram(
            "neurogrid-coordinator", ["token", "--data-dir", data, "--user", "u", "--permissions", "node:read"])
        for command in commands + [late] { #expect(await command.status() == 0, "\(command.output)") }
        #expect(try await coordinator.port() != nil, "\(coordinator.output)")
        var status = stat()
        #expect(stat(data + "/control.sock", &status) == 0 && status.st_mode & 0o777 == 0o600)
        coordinator.signal(SIGTERM)
        #expect(await coordinator.status() == 0)
        #expect(stat(data + "/control.sock", &status) != 0)
    }

    @Test("requests that follow one another at once are all answered, in order", arguments: [1, 2])
    func pipelines(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: loops)
        let port = try #require(try await coordinator.port())
        let token = try token(scratch.path + "/data", expires: 4_000_000_000)
        let client = try RawClient(port: port)
        let asked = "GET /api/v1/nodes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\r\n"
        client.say(asked + asked + asked + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let heard = client.hear { _ in false }
        #expect(heard.components(separatedBy: "HTTP/1.1 200").count == 5, "\(heard)")
        #expect(heard.components(separatedBy: "\"next_cursor\"").count == 4)
        coordinator.signal(SIGTERM)
        #expect(await coordinator.status() == 0)
    }

    @Test("a token that is good for thousands of years is a token", arguments: [1, 2])
    func farExpiry(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: loops)
        let port = try #require(try await coordinator.port())
        let token = try token(scratch.path + "/data", expires: 253_402_300_000)
        let client = try RawClient(port: port)
        client.say("GET /ws HTTP/1.1\r\n" + Self.upgrade + "\r\n")
        _ = client.hear { $0.contains("\r\n\r\n") }
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(token)"}}"#)
        client.sayMessage(#"{"type":"ping"}"#)
        let heard = client.hear { $0.contains("pong") }
        #expect(heard.contains("pong"), "\(heard)")
        #expect(!coordinator.output.contains(token))
        coordinator.signal(SIGTERM)
        let goodbye = client.hear { _ in false }
        #expect(goodbye.contains("CONNECTION_FAILED"))
        #expect(await coordinator.status() == 0)
    }

    @Test("many connections at once from one address are counted on every loop")
    func countsOverLoops() async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: 2)
        let port = try #require(try await coordinator.port())
        let clients = try (0..<40).map { _ in try RawClient(port: port) }
        for client in clients { client.say("GET /ws HTTP/1.1\r\n" + Self.upgrade + "\r\n") }
        let answers = clients.map { client in client.hear { $0.contains("\r\n\r\n") } }
        #expect(answers.filter { $0.hasPrefix("HTTP/1.1 101") }.count == 10)
        #expect(answers.filter { $0.hasPrefix("HTTP/1.1 429") }.count == 30)
        #expect(coordinator.isRunning)
    }

    @Test("an agent that goes on failing is told to wait, before its upgrade")
    func failingAgents() async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: 2)
        let port = try #require(try await coordinator.port())
        var refused = 0
        for _ in 0..<12 {
            let client = try RawClient(port: port)
            client.say(
                "GET /agent HTTP/1.1\r\nSec-WebSocket-Protocol: neurogrid.agent.v1\r\n" + Self.upgrade + "\r\n")
            let answer = client.hear { $0.contains("\r\n\r\n") }
            if answer.hasPrefix("HTTP/1.1 429") {
                refused += 1
                continue
            }
            for _ in 0..<10 { client.sayMessage("nonsense") }
            _ = client.hear { $0.contains("policy") }
        }
        #expect(refused == 2)
        #expect(coordinator.isRunning)
    }
}
