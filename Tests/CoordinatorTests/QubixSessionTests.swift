import Access
import Foundation
import Grid
import Hub
import Reactor
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("QUBIX sessions", .timeLimit(.minutes(1)))
struct QubixSessionTests {
    private static func upgrade(_ target: String = "/qubix", headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\(headers)"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }

    /// A client that has been upgraded, and what the Hub was told of it.
    private struct Joined {
        var client: RawClient
        var session: SessionID
        var subscriber: Subscriber
    }

    private func join(_ bench: EdgeBench, _ upgrade: String) throws -> Joined {
        let client = try bench.client()
        let before = bench.taken.count
        client.say(upgrade)
        bench.turn(until: { bench.taken.count > before })
        guard case .sessionOpened(let session, let subscriber) = bench.taken[before] else {
            Issue.record("\(bench.taken[before])")
            throw Refusal(.internalFault, "no session")
        }
        return Joined(client: client, session: session, subscriber: subscriber)
    }

    private func wish(_ bench: EdgeBench, _ client: RawClient, _ message: String) -> HubEvent? {
        let before = bench.taken.count
        client.sayMessage(message)
        bench.turn(until: { bench.taken.count > before })
        return bench.taken.last
    }

    private func tell(_ bench: EdgeBench, _ effect: Effect) {
        bench.edge.receive(.effect(effect))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
    }

    private static let position = LogPosition(epoch: 1, offset: 0)

    @Test(
        "Without a token the market is open on loopback, and the arrivals come by themselves",
        arguments: ["/", "/qubix"])
    func anonymous(_ path: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade(path))
        #expect(SessionAddress(joined.session).dialect == .qubix)
        #expect(joined.subscriber.audience == Dialect.qubix.rawValue && joined.subscriber.roomLimit == 0)
        #expect(joined.subscriber.permissions == .nodeRead && joined.subscriber.user.text.isEmpty)
        guard case .joinRequested(joined.session, QubixSubscription.arrivals, _, nil)? = bench.taken.last else {
            Issue.record("\(bench.taken)")
            return
        }
        #expect(bench.edge.counters.open[.qubix] == 1)
        tell(bench, .roomJoined(joined.session, QubixSubscription.arrivals, Self.position, recovery: nil))
        joined.client.sayMessage(#"{"type":"subscribe:job","subscriptionId":"j"}"#)
        bench.turn(until: { joined.client.hearAll().contains("NOT_AUTHENTICATED") })
        #expect(!joined.client.heard.contains("subscribed"), "nobody asked for the arrivals")
    }

    @Test("A token counts by query and by header, and gives what it gives beside the open market")
    func tokens() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let token = bench.sign("anna", .taskSubmit)
        var all: [Joined] = []
        for request in [
            Self.upgrade("/qubix?token=\(token)"), Self.upgrade(headers: "Authorization: Bearer \(token)\r\n"),
        ] {
            let joined = try join(bench, request)
            #expect(joined.subscriber.user == UserID("anna"))
            #expect(joined.subscriber.permissions == [.nodeRead, .taskSubmit])
            all.append(joined)
        }
        #expect(bench.edge.counters.authentications == 2)
    }

    @Test("A token that is not good is told of, and the upgrade succeeds all the same")
    func badToken() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade("/qubix?token=nonsense"))
        #expect(joined.subscriber.user.text.isEmpty)
        bench.turn(until: { joined.client.hearAll().contains("INVALID_TOKEN") })
        #expect(joined.client.heard.hasPrefix("HTTP/1.1 101"))
    }

    @Test("Behind a proxy, or where the operator says so, the market needs a token")
    func closedMarket() throws {
        let cases: [(Bool?, String)] = [
            (nil, "X-Forwarded-For: 192.0.2.1\r\n"), (nil, "Forwarded: for=x\r\n"), (false, ""),
        ]
        for (isSet, header) in cases {
            let bench = try EdgeBench { $0.anonymousMarketplace = isSet }
            defer { bench.close() }
            let client = try bench.client()
            client.say(Self.upgrade(headers: header))
            bench.turn(until: { bench.edge.counters.upgrades[.qubix] == 1 })
            for message in [
                #"{"type":"subscribe:marketplace"}"#, #"{"type":"subscribe:provider","subscriptionId":"p"}"#,
            ] {
                let heard = client.heard.count
                client.sayMessage(message)
                bench.turn(until: { client.hearAll().dropFirst(heard).contains("NOT_AUTHENTICATED") })
            }
            client.sayMessage(#"{"type":"ping"}"#)
            bench.turn(until: { client.hearAll().contains("pong") })
            #expect(bench.taken.isEmpty, "the Hub knows nobody who may see nothing")
        }
        let open = try EdgeBench { $0.anonymousMarketplace = true }
        defer { open.close() }
        _ = try join(open, Self.upgrade(headers: "X-Forwarded-For: 192.0.2.1\r\n"))
    }

    @Test("A subscription is acknowledged when the Hub has it, counted once, and ends when the Hub ended it")
    func subscriptions() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade())
        let (client, session) = (joined.client, joined.session)
        let roster = bench.edge.shared.roster(.qubix)
        for _ in 0..<2 {
            guard
                case .joinRequested(session, let room, _, nil)? = wish(
                    bench, client, #"{"type":"subscribe:marketplace"}"#)
            else { return }
            #expect(QubixSubscription(room: room) == .marketplace)
            tell(bench, .roomJoined(session, room, Self.position, recovery: nil))
        }
        bench.turn(until: { client.hearAll().components(of: #""type":"subscribed""#) == 2 })
        client.sayMessage(#"{"type":"subscribe:provider","subscriptionId":"provider-123"}"#)
        bench.turn(until: { client.hearAll().contains(#""subscriptionId":"provider:provider-123""#) })
        #expect(roster.summary().lines.map(\.id) == ["marketplace", "provider:provider-123"])
        #expect(roster.summary().clients == 1 && roster.summary().subscriptions == 2)
        client.sayMessage(#"{"type":"unsubscribe","subscriptionId":"provider:provider-123"}"#)
        bench.turn(until: { client.hearAll().contains("unsubscribed") })
        guard
            case .leaveRequested(session, let room)? = wish(
                bench, client, #"{"type":"unsubscribe","subscriptionId":"marketplace"}"#)
        else { return }
        #expect(roster.summary().subscriptions == 1)
        tell(bench, .roomLeft(session, room))
        bench.turn(until: { client.hearAll().components(of: #""type":"unsubscribed""#) == 2 })
        #expect(roster.summary().subscriptions == 0)
        client.sayMessage(#"{"type":"unsubscribe","subscriptionId":"marketplace"}"#)
        bench.turn(until: { client.hearAll().contains("NOT_IN_ROOM") })
    }

    @Test("A job that is refused is told so and not counted, and its place is free again")
    func refusedJob() throws {
        let bench = try EdgeBench { $0.limits.subscriptionsPerClient = 1 }
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade("/qubix?token=\(bench.sign("anna", .taskSubmit))"))
        let message = #"{"type":"subscribe:job","subscriptionId":"nosuch"}"#
        for _ in 0..<3 {
            let heard = joined.client.heard.count
            guard case .joinRequested(_, .job("nosuch"), _, nil)? = wish(bench, joined.client, message) else { return }
            tell(bench, .joinRefused(joined.session, .job("nosuch"), Refusal(.unknownRoom, "there is none")))
            bench.turn(until: { joined.client.hearAll().dropFirst(heard).contains("UNKNOWN_ROOM") })
        }
        #expect(bench.edge.shared.roster(.qubix).summary().subscriptions == 0)
    }

    @Test("The subscription beyond the limit is refused, one that is there already is none beyond it")
    func limit() throws {
        let bench = try EdgeBench { $0.limits.messagesPerConnectionPerMinute = 0 }
        defer { bench.close() }
        let client = try join(bench, Self.upgrade()).client
        for number in 0..<Limits.subscriptionsPerClient {
            client.sayMessage(#"{"type":"subscribe:provider","subscriptionId":"p\#(number)"}"#)
        }
        let roster = bench.edge.shared.roster(.qubix)
        bench.turn(until: { roster.summary().subscriptions == Limits.subscriptionsPerClient })
        client.sayMessage(#"{"type":"subscribe:provider","subscriptionId":"one-more"}"#)
        bench.turn(until: { bench.edge.counters.violations[.subscriptions] == 1 })
        client.sayMessage(#"{"type":"subscribe:provider","subscriptionId":"p7"}"#)
        client.sayMessage(#"{"type":"ping"}"#)
        bench.turn(until: { client.hearAll().contains("pong") })
        #expect(bench.edge.counters.violations[.subscriptions] == 1)
        #expect(client.heard.components(of: "TOO_MANY_REQUESTS") == 1)
        #expect(roster.summary().subscriptions == Limits.subscriptionsPerClient)
    }

    @Test("Who is gone takes its subscriptions along, and the Hub is told")
    func gone() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        var joined: Joined? = try join(bench, Self.upgrade())
        joined?.client.sayMessage(#"{"type":"subscribe:provider","subscriptionId":"p"}"#)
        let roster = bench.edge.shared.roster(.qubix)
        bench.turn(until: { roster.summary().subscriptions == 1 })
        let session = try #require(joined?.session)
        joined = nil
        bench.turn(until: {
            if case .sessionClosed(session, .lost)? = bench.taken.last { true } else { false }
        })
        #expect(roster.summary() == SubscriptionRoster.Summary())
        #expect(bench.edge.counters.open[.qubix] == 0)
    }

    @Test("A handshake that fails is no client")
    func failedHandshake() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade().replacing("Version: 13", with: "Version: 12"))
        bench.turn(until: { bench.edge.counters.responses[4] == 1 })
        bench.turn(until: { bench.edge.connectionCount == 0 })
        #expect(bench.edge.shared.roster(.qubix).summary().clients == 0 && bench.taken.isEmpty)
    }

    @Test("Statistics need a token where the operator says so, and count this dialect alone")
    func statistics() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade())
        joined.client.sayMessage(#"{"type":"subscribe:provider","subscriptionId":"abc123"}"#)
        bench.turn(until: { bench.edge.shared.roster(.qubix).summary().subscriptions == 1 })
        let native = try bench.client()
        native.say(Self.upgrade("/ws"))
        bench.turn(until: { bench.edge.counters.upgrades[.native] == 1 })
        let answer = try bench.request("GET /api/websocket/stats").answer
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        #expect(
            answer.hasSuffix(
                #"{"success":true,"stats":{"totalClients":1,"totalSubscriptions":1,"subscriptionDetails":"#
                    + #"[{"subscriptionId":"provider:abc123","subscriberCount":1}]}}"#))
        let forwarded = try bench.request("GET /api/websocket/stats", headers: "X-Forwarded-For: 192.0.2.1\r\n")
        #expect(forwarded.answer.hasPrefix("HTTP/1.1 401"))
        let closed = try EdgeBench { $0.publicStatistics = false }
        defer { closed.close() }
        #expect(try closed.request("GET /api/websocket/stats").answer.hasPrefix("HTTP/1.1 401"))
        let user = try closed.request("GET /api/websocket/stats", token: closed.token)
        #expect(user.answer.hasPrefix("HTTP/1.1 403"))
        let admin = try closed.request("GET /api/websocket/stats", token: closed.sign("boss", .admin))
        #expect(admin.answer.hasPrefix("HTTP/1.1 200"))
    }

    @Test("A connection beyond the limit is refused in the dialect's words")
    func refusedUpgrade() throws {
        let bench = try EdgeBench { $0.limits.connectionsPerIP = 1 }
        defer { bench.close() }
        let first = try join(bench, Self.upgrade())
        let second = try bench.client()
        second.say(Self.upgrade())
        bench.turn(until: { bench.edge.counters.responses[4] == 1 })
        let heard = second.hear { $0.contains("timestamp") }
        #expect(heard.hasPrefix("HTTP/1.1 429") && heard.contains("Retry-After: "))
        #expect(heard.contains(#"{"type":"error","data":{"code":"TOO_MANY_REQUESTS","message":"#))
        withExtendedLifetime(first) {}
    }

    @Test("A session ends with its token's revocation, and one without a token never")
    func revocation() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let named = try join(bench, Self.upgrade("/qubix?token=\(bench.sign("anna", .taskSubmit))"))
        let nobody = try join(bench, Self.upgrade())
        for user in ["", "anna"] {
            bench.edge.receive(.revoked(Revocation(.user(UserID(user)), at: HubDesk.now().wall)))
            bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        }
        bench.turn(until: { named.client.hearAll().contains("the token was revoked") })
        nobody.client.sayMessage(#"{"type":"ping"}"#)
        bench.turn(until: { nobody.client.hearAll().contains("pong") })
    }
}

extension String {
    /// How often a text stands in this one.
    fileprivate func components(of text: String) -> Int { components(separatedBy: text).count - 1 }
}
