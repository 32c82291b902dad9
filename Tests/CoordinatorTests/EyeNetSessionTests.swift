import Access
import Fanout
import Foundation
import Grid
import Hub
import Reactor
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("EyeNet sessions", .timeLimit(.minutes(1)))
struct EyeNetSessionTests {
    private static let upgrade =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    private static let position = LogPosition(epoch: 1, offset: 0)

    /// A client that is in the namespace, and what the Hub was told of it.
    private struct Joined {
        var client: RawClient
        var session: SessionID
        var subscriber: Subscriber
    }

    private func join(
        _ bench: EdgeBench, token: String? = nil, namespace: String = "/ws", more: String = ""
    ) throws -> Joined {
        let client = try bench.client()
        let before = bench.taken.count
        client.say(Self.upgrade)
        bench.turn(until: { client.hearAll().contains("0{\"sid\"") })
        let prefix = namespace == "/" ? "" : "\(namespace),"
        client.sayMessage(#"40\#(prefix){"token":"\#(token ?? bench.token)"\#(more)}"#)
        bench.turn(until: { bench.taken.count > before })
        bench.turn(until: { client.hearAll().contains("40\(prefix){\"sid\":\"") })
        guard case .sessionOpened(let session, let subscriber) = bench.taken[before] else {
            Issue.record("\(bench.taken[before])")
            throw Refusal(.internalFault, "no session")
        }
        return Joined(client: client, session: session, subscriber: subscriber)
    }

    private func tell(_ bench: EdgeBench, _ effect: Effect) {
        bench.edge.receive(.effect(effect))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
    }

    /// Answers the joins that the Hub was asked for since.
    private func acceptJoins(_ bench: EdgeBench, since: Int) {
        for event in bench.taken[since...] {
            guard case .joinRequested(let session, let room, _, _) = event else { continue }
            tell(bench, .roomJoined(session, room, Self.position, recovery: nil))
        }
    }

    private static func subscribe(_ id: String, type: String = "device", ack: String = "") -> String {
        #"42/ws,\#(ack)["subscribe",{"type":"\#(type)","id":"\#(id)"}]"#
    }

    @Test("A token opens a session of the dialect, in either namespace", arguments: ["/ws", "/"])
    func opened(_ namespace: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, namespace: namespace)
        let address = SessionAddress(joined.session)
        #expect(address.dialect == .eyenet && address.framing == .message)
        #expect(joined.subscriber.audience == Dialect.eyenet.rawValue && joined.subscriber.roomLimit == 0)
        #expect(joined.subscriber.user == UserID("u") && joined.subscriber.permissions == .nodeRead)
        #expect(bench.edge.counters.open[.eyenet] == 1 && bench.edge.counters.authentications == 1)
    }

    @Test(
        "Who brings no good token is told why, and nobody else hears of it",
        arguments: [
            ("", "NOT_AUTHENTICATED"), (#"{"token":"x"}"#, "INVALID_TOKEN"), (#"{"token":7}"#, "INVALID_MESSAGE"),
        ])
    func refused(auth: String, code: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        client.sayMessage("40/ws,\(auth)")
        bench.turn(until: { client.hearAll().contains(#""data":{"code":"\#(code)"}}"#) })
        #expect(client.heard.contains(#"44/ws,{"message":""#) && bench.taken.isEmpty)
    }

    @Test("A subscription is acknowledged once the Hub has answered for all its rooms")
    func subscriptions() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench)
        let client = joined.client
        let before = bench.taken.count
        client.sayMessage(Self.subscribe("0f8fad5b-d9cb-469f-a165-70867728950e", ack: "7"))
        bench.turn(until: { bench.taken.count == before + 3 })
        guard case .joinRequested(_, let first, _, _) = bench.taken[before] else { return }
        tell(bench, .roomJoined(joined.session, first, Self.position, recovery: nil))
        #expect(!client.hearAll().contains("43/ws,7"))
        acceptJoins(bench, since: before + 1)
        bench.turn(until: { client.hearAll().contains(#"43/ws,7[{"status":"subscribed","channel":"device:0f8f"#) })
        // Without a callback, of a device that no node can be.
        client.sayMessage(Self.subscribe("router-1"))
        bench.turn(until: { client.hearAll().contains(#"42/ws,["subscribed",{"status":"subscribed""#) })
        client.sayMessage(#"42/ws,8["unsubscribe",{"type":"device","id":"router-1"}]"#)
        bench.turn(until: { client.hearAll().contains(#"43/ws,8[{"status":"unsubscribed""#) })
        client.sayMessage(#"42/ws,9["unsubscribe",{"type":"device","id":"router-1"}]"#)
        bench.turn(until: { client.hearAll().contains(#"43/ws,9[{"status":"error","code":"NOT_IN_ROOM""#) })
        #expect(client.heard.contains(#"42/ws,["error",{"type":"error","data":{"code":"NOT_IN_ROOM""#))
    }

    @Test("What the Hub refuses is told, and is no subscription")
    func forbidden() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench)
        let before = bench.taken.count
        joined.client.sayMessage(Self.subscribe("alerts", type: "topic", ack: "1"))
        bench.turn(until: { bench.taken.count > before })
        tell(bench, .joinRefused(joined.session, .base(.alerts), Refusal(.forbidden, "no")))
        bench.turn(until: { joined.client.hearAll().contains(#"43/ws,1[{"status":"error","code":"FORBIDDEN""#) })
        joined.client.sayMessage(#"42/ws,2["unsubscribe",{"type":"topic","id":"alerts"}]"#)
        bench.turn(until: { joined.client.hearAll().contains("NOT_IN_ROOM") })
    }

    @Test("The subscription beyond the limit ends the session, which may come back over the same transport")
    func subscriptionLimit() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench)
        let client = joined.client
        for number in 0..<Limits.subscriptionsPerClient { client.sayMessage(Self.subscribe("d\(number)")) }
        client.sayMessage(Self.subscribe("d7", ack: "1"))
        bench.turn(until: { client.hearAll().contains("43/ws,1[") })
        #expect(!client.heard.contains("TOO_MANY_REQUESTS") && bench.edge.counters.violations[.subscriptions] == 0)
        client.sayMessage(Self.subscribe("one-more"))
        bench.turn(until: { client.hearAll().contains("41/ws,") })
        #expect(client.heard.contains("TOO_MANY_REQUESTS") && bench.edge.counters.violations[.subscriptions] == 1)
        bench.turn(until: {
            if case .sessionClosed(joined.session, .policy)? = bench.taken.last { true } else { false }
        })
        let before = bench.taken.count
        client.sayMessage(#"40/ws,{"token":"\#(bench.token)"}"#)
        bench.turn(until: { bench.taken.count > before })
        guard case .sessionOpened(let again, _)? = bench.taken.last else { return }
        #expect(again != joined.session)
    }

    @Test("A client's subscriptions count together, in whichever namespaces they are")
    func subscriptionsOfBothNamespaces() throws {
        let bench = try EdgeBench { $0.limits.subscriptionsPerClient = 4 }
        defer { bench.close() }
        let client = try join(bench).client
        client.sayMessage(#"40{"token":"\#(bench.token)"}"#)
        bench.turn(until: { client.hearAll().contains("40{\"sid\":\"") })
        for number in 0..<3 { client.sayMessage(Self.subscribe("d\(number)")) }
        client.sayMessage(#"421["subscribe",{"type":"device","id":"d0"}]"#)
        bench.turn(until: { client.hearAll().contains("431[") })
        #expect(!client.heard.contains("TOO_MANY_REQUESTS"))
        client.sayMessage(#"42["subscribe",{"type":"device","id":"d1"}]"#)
        bench.turn(until: { client.hearAll().contains(#"42["error",{"type":"error","data":{"code":"TOO_MANY_RE"#) })
        #expect(bench.edge.counters.violations[.subscriptions] == 1)
        // Where there was room it goes on, and what was given up makes room.
        client.sayMessage(Self.subscribe("d3", ack: "2"))
        bench.turn(until: { client.hearAll().contains("43/ws,2[") })
    }

    @Test("The event beyond the limit ends the session")
    func eventLimit() throws {
        let bench = try EdgeBench { $0.limits.eventsPerClientPerMinute = 20 }
        defer { bench.close() }
        let joined = try join(bench)
        for _ in 0..<19 { joined.client.sayMessage(Self.subscribe("d")) }
        joined.client.sayMessage(Self.subscribe("d", ack: "20"))
        bench.turn(until: { joined.client.hearAll().contains("43/ws,20[") })
        #expect(!joined.client.heard.contains("TOO_MANY_REQUESTS"))
        joined.client.sayMessage(Self.subscribe("d"))
        bench.turn(until: { joined.client.hearAll().contains("41/ws,") })
        #expect(joined.client.heard.contains("TOO_MANY_REQUESTS"))
        #expect(bench.edge.counters.violations[.messageRate] == 1)
    }

    @Test("Who wants in too often is sent away")
    func connectLimit() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade)
        for _ in 0...Limits.socketIOConnectsPerMinute { client.sayMessage(#"40/ws,{"token":"x"}"#) }
        bench.turn(until: { bench.edge.engines.count == 0 && bench.edge.counters.upgrades[.eyenet] == 1 })
        #expect(bench.edge.counters.failedAuthentications == UInt64(Limits.socketIOConnectsPerMinute))
    }

    @Test("A session ends with its token's revocation, and others stay")
    func revocation() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let named = try join(bench, token: bench.sign("anna", .nodeRead))
        let other = try join(bench)
        bench.edge.receive(.revoked(Revocation(.user(UserID("anna")), at: HubDesk.now().wall)))
        bench.turn(until: { named.client.hearAll().contains("41/ws,") })
        #expect(named.client.heard.contains("the token was revoked"))
        other.client.sayMessage(Self.subscribe("d", ack: "1"))
        bench.turn(until: { other.client.hearAll().contains("43/ws,1[") })
    }

    @Test("Who is gone is told to the Hub and gives its place back")
    func gone() throws {
        let bench = try EdgeBench { $0.limits.connectionsPerIP = 1 }
        defer { bench.close() }
        var joined: Joined? = try join(bench)
        let second = try bench.request("GET /socket.io/?EIO=4&transport=polling").answer
        #expect(second.hasPrefix("HTTP/1.1 429") && second.contains("Retry-After: "))
        #expect(second.contains(#"{"type":"error","data":{"code":"TOO_MANY_REQUESTS","message":"#))
        let session = try #require(joined?.session)
        joined = nil
        bench.turn(until: { if case .sessionClosed(session, .lost)? = bench.taken.last { true } else { false } })
        #expect(bench.edge.engines.count == 0 && bench.edge.counters.open[.eyenet] == 0)
        _ = try join(bench)
    }

    @Test("A drain says goodbye")
    func drained() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench)
        bench.edge.receive(.drain)
        bench.turn(until: { joined.client.hearAll().contains("CONNECTION_FAILED") })
        #expect(joined.client.heard.contains("the coordinator is shutting down"))
        bench.turn(until: { bench.edge.engines.count == 0 })
    }

    @Test("Without a session, or while draining, the protocol's own answers come")
    func answers() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        func answer(_ query: String, path: String = "/socket.io/") throws -> String {
            try bench.request("GET \(path)?\(query)").answer
        }
        #expect(try answer("EIO=4&transport=polling&sid=00x").hasSuffix(#"{"code":1,"message":"Session ID unknown"}"#))
        #expect(try answer("EIO=4&transport=polling&sid=01x").hasSuffix(#"{"code":1,"message":"Session ID unknown"}"#))
        #expect(try answer("EIO=4", path: "/ws").hasSuffix(#"{"code":0,"message":"Transport unknown"}"#))
        #expect(try answer("transport=polling", path: "/ws").hasPrefix("HTTP/1.1 426"), "that is the native dialect's")
        #expect(try answer("EIO=4&transport=polling", path: "/ws/").contains(#"0{"sid":"00"#))
        bench.edge.shared.readiness.set(false)
        #expect(try answer("EIO=4&transport=polling").hasPrefix("HTTP/1.1 503"))
    }
}
