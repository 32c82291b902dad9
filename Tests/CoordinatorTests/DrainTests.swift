import Access
import Foundation
import Glibc
import Grid
import Testing

@testable import neurogrid_coordinator

/// How the built coordinator stops.
@Suite("Drain", .serialized, .timeLimit(.minutes(2)))
struct DrainTests {
    private static let upgrade =
        "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    /// A coordinator that spreads its goodbyes as widely as it ever does: 50 ms for each session of a loop.
    private func serve(_ scratch: ScratchFolder, loops: Int) throws -> RunningProgram {
        let file = scratch.path + "/coordinator.json5"
        try #"{drain: "10m", limits: {connections_per_ip: 0, connections_per_ip_per_minute: 0}}"#
            .write(toFile: file, atomically: true, encoding: .utf8)
        return try RunningProgram(
            "neurogrid-coordinator",
            [
                "serve", "--listen", "127.0.0.1:0", "--data-dir", scratch.path + "/data", "--loops", "\(loops)",
                "--config", file,
            ])
    }

    private func sessions(_ count: Int, _ port: UInt16) throws -> [RawClient] {
        let clients = try (0..<count).map { _ in try RawClient(port: port) }
        for client in clients { client.say("GET /ws HTTP/1.1\r\n" + Self.upgrade) }
        for client in clients { _ = client.hear { $0.contains("\r\n\r\n") } }
        return clients
    }

    @Test("with nobody there it ends at once", arguments: [1, 2])
    func empty(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: loops)
        let port = try #require(try await coordinator.port())
        // A connection that only rests holds nothing up.
        let resting = try RawClient(port: port)
        resting.say("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = resting.hear { $0.contains("ok") }
        coordinator.signal(SIGTERM)
        #expect(await coordinator.status() == 0, "\(coordinator.output)")
    }

    @Test("a session is told when to come back and from where on", arguments: [1, 2])
    func ticket(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: loops)
        let port = try #require(try await coordinator.port())
        let secret = try SigningSecret.load(from: scratch.path + "/data/jwt.key")
        let token = JWTSigner(secret: secret).mint(
            TokenClaims(
                subject: UserID("u"), permissions: [.nodeRead],
                expiresAt: Timestamp(milliseconds: 4_000_000_000_000)))
        let client = try #require(try sessions(1, port).first)
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(token)"}}"#)
        client.sayMessage(#"{"type":"join_room","data":{"room":"nodes"}}"#)
        let joined = client.hear { $0.contains("room_joined") }
        #expect(joined.contains("room_joined"), "\(joined)")
        // An answer that the Hub gives later: by then the session looks at the room.
        client.sayMessage(#"{"type":"leave_room","data":{"room":"general"}}"#)
        #expect(client.hear { $0.contains("NOT_IN_ROOM") }.contains("NOT_IN_ROOM"))
        let place = try #require(joined.range(of: #""epoch":"#)).upperBound
        let position = joined[place...].prefix { $0 != "}" }
        coordinator.signal(SIGTERM)
        let goodbye = client.hear { _ in false }
        #expect(goodbye.contains("CONNECTION_FAILED") && goodbye.contains("\"retry_in\""), "\(goodbye)")
        #expect(goodbye.contains(#""rooms":[{"room":"nodes","epoch":\#(position)}]"#), "\(goodbye) \(position)")
        #expect(goodbye.hasSuffix("\u{3}\u{FFFD}drain"), "\(goodbye)")
        #expect(await coordinator.status() == 0)
    }

    @Test("meanwhile newcomers are told to come back, and a second signal ends it", arguments: [1, 2])
    func twice(loops: Int) async throws {
        let scratch = try ScratchFolder()
        let coordinator = try serve(scratch, loops: loops)
        let port = try #require(try await coordinator.port())
        // So many that their goodbyes last longer than what follows, on a busy machine too.
        let clients = try sessions(600, port)
        coordinator.signal(SIGTERM)
        while coordinator.isRunning, !coordinator.output.contains("draining") {
            try await Task.sleep(nanoseconds: 5_000_000)
        }
        let late = try RawClient(port: port)
        late.say("GET /ws HTTP/1.1\r\n" + Self.upgrade)
        let answer = late.hear { _ in false }
        #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("Retry-After: "), "\(answer)")
        let probe = try RawClient(port: port)
        probe.say("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(probe.hear { $0.contains("draining") }.hasPrefix("HTTP/1.1 503"))
        coordinator.signal(SIGTERM)
        #expect(await coordinator.status() == 0)
        #expect(coordinator.output.contains("draining at once"))
        // Nobody signed in: who had ten seconds was told that instead.
        for client in clients {
            let heard = client.hear { _ in false }
            #expect(heard.hasSuffix("drain") || heard.contains("AUTH_TIMEOUT"), "\(heard)")
        }
    }
}
