import Access
import Grid
import Hub
import Reactor
import Service
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("Edge", .timeLimit(.minutes(1)))
struct EdgeTests {
    private static let upgrade =
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    @Test("a loop whose Hub has no room reads nothing more, drops nothing, and goes on when there is room")
    func congestion() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { bench.taken.count == 1 })
        bench.hasRoom = false
        client.sayMessage(#"{"type":"join_room","data":{"room":"nodes"}}"#)
        bench.turn(until: { bench.edge.isCongested })
        #expect(bench.edge.counters.congestions == 1)
        let waiting = bench.edge.waitingEventCount
        for _ in 0..<50 { client.sayMessage(#"{"type":"leave_room","data":{"room":"nodes"}}"#) }
        for _ in 0..<200 { bench.edge.loop.runOnce(timeoutMilliseconds: 1) }
        #expect(bench.edge.waitingEventCount == waiting, "what nobody reads makes no events")
        #expect(bench.taken.count == 1)
        // Who comes now is accepted, and waits as well.
        let late = try bench.client()
        late.say("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        bench.turn(until: { bench.edge.connectionCount == 2 })
        bench.hasRoom = true
        bench.turn(until: { bench.taken.count == 52 })
        #expect(!bench.edge.isCongested && bench.edge.waitingEventCount == 0)
        bench.turn(until: { bench.edge.counters.responses[2] == 1 })
    }

    @Test("the connection beyond the limit is told so and closed, and one that ends makes room")
    func full() throws {
        let bench = try EdgeBench { $0.limits.connections = 2 }
        defer { bench.close() }
        var clients = try [bench.client(), bench.client()]
        bench.turn(until: { bench.edge.connectionCount == 2 })
        let refused = try bench.client()
        bench.turn(until: { bench.edge.counters.refusals[.full] == 1 })
        #expect(refused.hear { $0.hasSuffix("\r\n\r\n") }.hasPrefix("HTTP/1.1 503"))
        clients.removeLast()
        bench.turn(until: { bench.edge.connectionCount == 1 })
        let next = try bench.client()
        bench.turn(until: { bench.edge.connectionCount == 2 })
        #expect(bench.edge.counters.refusals[.full] == 1)
        _ = (clients, next)
    }

    @Test("an upgrade for which there is no room now is counted among those turned away")
    func overload() throws {
        let bench = try EdgeBench { $0.limits.agentHandshakes = 1 }
        defer { bench.close() }
        let agent = Self.upgrade.replacing("GET /ws", with: "GET /agent")
            .replacing("Host: x", with: "Host: x\r\nSec-WebSocket-Protocol: \(AgentCodec.subprotocol)")
        let agents = try (0..<2).map { _ in try bench.client() }
        for client in agents { client.say(agent) }
        bench.turn(until: { bench.edge.counters.refusals[.overload] == 1 })
        #expect(bench.edge.counters.upgrades[.agent] == 1)
    }

    @Test("a thread that does not answer a scrape is left out and counted, and too many scrapes are refused")
    func scrapeWithoutTheHub() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let clients = try (0...Scrape.limit).map { _ in try bench.client() }
        for client in clients { client.say("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") }
        bench.turn(until: { bench.edge.counters.responses[5] == 1 })
        // Nobody reads the Hub's mailbox here.
        bench.turn(until: { bench.edge.counters.responses[2] == UInt64(Scrape.limit) })
        for _ in 0..<5 { bench.edge.loop.runOnce(timeoutMilliseconds: 1) }
        var pages = 0
        for client in clients {
            let heard = client.hear { _ in false }
            guard heard.hasPrefix("HTTP/1.1 200") else { continue }
            pages += 1
            #expect(heard.contains("neurogrid_scrape_unanswered 1\n"))
            #expect(heard.contains("neurogrid_loop_turns_total{loop=\"0\"}") && !heard.contains("neurogrid_agents"))
        }
        #expect(pages == Scrape.limit)
    }

    @Test("a token taken back by its name ends its session alone")
    func revocationByName() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { bench.taken.count == 1 })
        bench.edge.receive(.revoked(Revocation(.token("another"), at: HubDesk.now().wall)))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        bench.edge.receive(.revoked(Revocation(.token(EdgeBench.tokenID), at: HubDesk.now().wall)))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        #expect(client.hear { $0.contains("revoked") && $0.contains("auth_error") }.contains("INVALID_TOKEN"))
    }

    @Test("a revoked user's session is closed at once, another's is not")
    func revocation() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { bench.taken.count == 1 })
        let now = HubDesk.now().wall
        bench.edge.receive(.revoked(Revocation(.user(UserID("other")), at: now)))
        bench.edge.receive(.revoked(Revocation(.token("other"), at: now)))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        #expect(bench.edge.connectionCount == 1)
        bench.edge.receive(.revoked(Revocation(.user(UserID("u")), at: now)))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        let heard = client.hear { $0.contains("revoked") && $0.contains("auth_error") }
        #expect(heard.contains("INVALID_TOKEN"), "\(heard)")
    }

    @Test("a token that is over when it comes is refused in the document's words, at first and to renew a session")
    func expiredToken() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        let over = #"{"type":"authenticate","data":{"token":"\#(bench.sign("u", .nodeRead, milliseconds: -60_000))"}}"#
        client.sayMessage(over)
        bench.turn(until: { bench.edge.counters.failedAuthentications == 1 })
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { bench.taken.count == 1 })
        client.sayMessage(over)
        bench.turn(until: { bench.edge.counters.failedAuthentications == 2 })
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        let words =
            #"{"type":"auth_error","data":{"code":"INVALID_TOKEN","message":"JWT token is invalid or expired","#
            + #""action":"redirect_to_login"}}"#
        let heard = client.hear { $0.ranges(of: words).count == 2 }
        #expect(heard.ranges(of: words).count == 2, "\(heard)")
    }

    @Test("control frames beyond their limit are not answered, then end the connection")
    func controlFrames() throws {
        let bench = try EdgeBench { $0.limits.controlFramesPerMinute = 20 }
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        for _ in 0..<20 { client.sayPing() }
        for _ in 0..<5 { bench.edge.loop.runOnce(timeoutMilliseconds: 10) }
        #expect(bench.edge.counters.violations[.controlRate] == 0)
        for _ in 0..<10 { client.sayPing() }
        bench.turn(until: { bench.edge.counters.violations[.controlRate] == 10 })
        #expect(bench.edge.counters.violations[.punished] == 0)
        client.sayPing()
        bench.turn(until: { bench.edge.counters.violations[.punished] == 1 })
    }

    @Test("a client that sends hardly anything but what cannot be read is sent away")
    func badMessages() throws {
        let bench = try EdgeBench { $0.limits.messagesPerConnectionPerMinute = 0 }
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        for _ in 0..<Limits.badMessagesBeforeClose - 1 { client.sayMessage("nonsense") }
        bench.turn(until: {
            bench.edge.counters.violations[.badMessage] == UInt64(Limits.badMessagesBeforeClose - 1)
        })
        #expect(bench.edge.counters.violations[.punished] == 0)
        client.sayMessage(#"{"type":"ping"}"#)
        client.sayMessage("nonsense")
        bench.turn(until: { bench.edge.counters.violations[.badMessage] == UInt64(Limits.badMessagesBeforeClose) })
        #expect(bench.edge.counters.violations[.punished] == 0, "a good one makes up for a bad one")
        client.sayMessage("nonsense")
        bench.turn(until: { bench.edge.counters.violations[.punished] == 1 })
    }
}
