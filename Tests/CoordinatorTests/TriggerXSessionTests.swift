import Access
import Foundation
import Grid
import Hub
import Reactor
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("TriggerX sessions", .timeLimit(.minutes(1)))
struct TriggerXSessionTests {
    private static func upgrade(_ key: APIKey?, query: String = "", headers: String = "") -> String {
        "GET /api/ws/tasks\(query) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + (key.map { "X-Api-Key: \($0.text)\r\n" } ?? "") + headers
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }

    /// A key that the bench's edge takes.
    private func key(
        _ bench: EdgeBench, _ number: UInt64 = 1, user: String = "anna", rate: Int = 0, expiresAt: Timestamp? = nil
    ) -> APIKey {
        let key = APIKey.mint()
        let record = APIKeyRecord(
            id: APIKeyID(UUID128(high: 9, low: number)), digest: key.digest, owner: UserID(user), ratePerMinute: rate,
            createdAt: Timestamp(milliseconds: 0), expiresAt: expiresAt)
        bench.edge.shared.apiKeys.set(record)
        return key
    }

    private struct Joined {
        var client: RawClient
        var session: SessionID
        var subscriber: Subscriber
    }

    private func join(_ bench: EdgeBench, _ upgrade: String) throws -> Joined {
        let client = try bench.client()
        let before = bench.taken.count
        client.say(upgrade)
        var opened: (SessionID, Subscriber)?
        bench.turn(until: {
            for case .sessionOpened(let session, let subscriber) in bench.taken.dropFirst(before) {
                opened = (session, subscriber)
            }
            return opened != nil
        })
        let (session, subscriber) = try #require(opened)
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

    private static func subscribe(_ room: String) -> String { #"{"type":"SUBSCRIBE","data":{"room":"\#(room)"}}"# }
    private static func unsubscribe(_ room: String) -> String { #"{"type":"UNSUBSCRIBE","data":{"room":"\#(room)"}}"# }
    private static let position = LogPosition(epoch: 1, offset: 0)

    @Test("A key opens a session of its owner, by header and by query, and its use is noted once")
    func keys() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let key = key(bench)
        var all: [Joined] = []
        for request in [Self.upgrade(key), Self.upgrade(nil, query: "?api_key=\(key.text)")] {
            let joined = try join(bench, request)
            #expect(SessionAddress(joined.session).dialect == .triggerx)
            #expect(joined.subscriber.user == UserID("anna") && joined.subscriber.permissions == .taskSubmit)
            #expect(joined.subscriber.audience == Dialect.triggerx.rawValue && joined.subscriber.roomLimit == 0)
            all.append(joined)
        }
        let uses = bench.taken.filter { if case .apiKeyUsed = $0 { true } else { false } }
        #expect(uses.count == 1 && bench.edge.counters.open[.triggerx] == 2)
        #expect(bench.edge.shared.roster(.triggerx).summary().clients == 2)
    }

    @Test("Who has no good key gets the dialect's ERROR, and the Hub hears of nobody")
    func refusedKeys() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let revoked = key(bench)
        var record = APIKeyRecord(
            id: APIKeyID(UUID128(high: 9, low: 1)), digest: revoked.digest, owner: UserID("anna"),
            createdAt: Timestamp(milliseconds: 0))
        record.revokedAt = Timestamp(milliseconds: 1)
        bench.edge.shared.apiKeys.set(record)
        let expired = key(bench, 2, expiresAt: HubDesk.now().wall)
        let cases: [(String, Int, String)] = [
            (Self.upgrade(nil), 401, "MISSING_API_KEY"),
            (Self.upgrade(nil, query: "?api_key="), 401, "MISSING_API_KEY"),
            (Self.upgrade(nil, query: "?api_key=x"), 401, "INVALID_API_KEY"),
            (Self.upgrade(APIKey.mint()), 401, "INVALID_API_KEY"), (Self.upgrade(revoked), 401, "INVALID_API_KEY"),
            (Self.upgrade(expired), 401, "INVALID_API_KEY"),
            (Self.upgrade(nil, query: "?api_key=\(expired.text)"), 401, "INVALID_API_KEY"),
            (Self.upgrade(revoked, headers: "Origin: https://evil.example\r\n"), 403, "ACCESS_DENIED"),
        ]
        for (request, status, code) in cases {
            let client = try bench.client()
            client.say(request)
            let heard = hear(bench, client)
            #expect(heard.hasPrefix("HTTP/1.1 \(status)"), "\(heard)")
            #expect(heard.contains(#"{"type":"ERROR","data":{"code":"\#(code)","message":""#), "\(heard)")
        }
        #expect(bench.taken.isEmpty && bench.edge.counters.refusals[.apiKey] == 7)
        #expect(bench.edge.counters.failedAuthentications == 5)
    }

    private func hear(_ bench: EdgeBench, _ client: RawClient) -> String {
        bench.turn(until: { client.hearAll().contains("timestamp") })
        return client.heard
    }

    @Test("A room is acknowledged when the Hub has it, counted once, and ends when the Hub ended it")
    func rooms() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade(key(bench)))
        let (client, session) = (joined.client, joined.session)
        let roster = bench.edge.shared.roster(.triggerx)
        for name in ["job:1", "task:7", "job:1"] {
            guard case .joinRequested(session, let room, _, nil)? = wish(bench, client, Self.subscribe(name)) else {
                Issue.record("\(bench.taken)")
                return
            }
            #expect(TriggerXRoom(room: room)?.name == name)
            tell(bench, .roomJoined(session, room, Self.position, recovery: nil))
        }
        bench.turn(until: { client.hearAll().components(separatedBy: #""type":"SUBSCRIBED""#).count == 4 })
        #expect(roster.summary().lines.map(\.id) == ["job:1", "task:7"])
        guard case .leaveRequested(session, let room)? = wish(bench, client, Self.unsubscribe("task:7")) else { return }
        #expect(roster.summary().subscriptions == 2)
        tell(bench, .roomLeft(session, room))
        bench.turn(until: { client.hearAll().contains(#"{"type":"UNSUBSCRIBED","data":{"room":"task:7"}"#) })
        #expect(roster.summary().subscriptions == 1)
        client.sayMessage(Self.unsubscribe("task:7"))
        bench.turn(until: { client.hearAll().components(separatedBy: "UNSUBSCRIBED").count == 3 })
        #expect(roster.summary().subscriptions == 1, "who is not in a room leaves it all the same")
    }

    @Test("Leaves are acknowledged whatever order the Hub's answers come in")
    func vainLeaves() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade(key(bench)))
        let (client, session) = (joined.client, joined.session)
        _ = wish(bench, client, Self.subscribe("job:a"))
        tell(bench, .roomJoined(session, .job("a"), Self.position, recovery: nil))
        // Twice before the first is answered: the second is in vain, and says so sooner.
        _ = wish(bench, client, Self.unsubscribe("job:a"))
        _ = wish(bench, client, Self.unsubscribe("job:a"))
        tell(bench, .refused(session, Refusal(.notInRoom, "no")))
        tell(bench, .roomLeft(session, .job("a")))
        bench.turn(until: { client.hearAll().components(separatedBy: "UNSUBSCRIBED").count == 3 })
        // One that is left before it is known to be refused.
        _ = wish(bench, client, Self.subscribe("job:b"))
        _ = wish(bench, client, Self.unsubscribe("job:b"))
        tell(bench, .joinRefused(session, .job("b"), Refusal(.unknownRoom, "no")))
        tell(bench, .refused(session, Refusal(.notInRoom, "no")))
        bench.turn(until: { client.hearAll().contains(#"{"type":"UNSUBSCRIBED","data":{"room":"job:b"}"#) })
        #expect(client.heard.contains(#""code":"ACCESS_DENIED","message":"There is no room job:b for you""#))
        #expect(bench.edge.shared.roster(.triggerx).summary().subscriptions == 0)
    }

    @Test("The room beyond the limit is refused, one that is there already is none beyond it")
    func limit() throws {
        let bench = try EdgeBench { $0.limits.subscriptionsPerClient = 2 }
        defer { bench.close() }
        let joined = try join(bench, Self.upgrade(key(bench)))
        for name in ["a", "b"] {
            _ = wish(bench, joined.client, Self.subscribe("job:\(name)"))
            tell(bench, .roomJoined(joined.session, .job(name), Self.position, recovery: nil))
        }
        joined.client.sayMessage(Self.subscribe("job:c"))
        bench.turn(until: { joined.client.hearAll().contains("RATE_LIMIT_EXCEEDED") })
        #expect(bench.edge.counters.violations[.subscriptions] == 1)
        guard case .joinRequested? = wish(bench, joined.client, Self.subscribe("job:b")) else { return }
    }

    @Test("What cannot be read and what is no room is answered, and the connection stays")
    func badMessages() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try join(bench, Self.upgrade(key(bench))).client
        for (message, code) in [
            ("nonsense", "INVALID_MESSAGE"), (#"{"type":"ping"}"#, "INVALID_MESSAGE"),
            (Self.subscribe("nodes"), "INVALID_ROOM"), (Self.unsubscribe("task:x"), "INVALID_ROOM"),
        ] {
            let heard = client.heard.count
            client.sayMessage(message)
            bench.turn(until: { client.hearAll().dropFirst(heard).contains(#""code":"\#(code)""#) })
        }
        client.sayMessage(Self.unsubscribe("job:1"))
        bench.turn(until: { client.hearAll().contains("UNSUBSCRIBED") })
    }

    @Test("A key's rate counts all its connections and requests, and who goes on is sent away")
    func rate() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let key = key(bench, rate: 4)
        let first = try join(bench, Self.upgrade(key))
        let second = try join(bench, Self.upgrade(key))
        for client in [first.client, second.client] {
            client.sayMessage(Self.unsubscribe("job:1"))
            bench.turn(until: { client.hearAll().contains("UNSUBSCRIBED") })
        }
        let request = try bench.request(
            "POST /api/tasks", headers: "X-Api-Key: \(key.text)\r\nContent-Type: application/json\r\n",
            body: #"{"job_id":"j"}"#)
        #expect(request.answer.hasPrefix("HTTP/1.1 429") && request.answer.contains("Retry-After: "))
        #expect(request.answer.contains("RATE_LIMIT_EXCEEDED"))
        let third = try bench.client()
        third.say(Self.upgrade(key))
        let heard = hear(bench, third)
        #expect(heard.hasPrefix("HTTP/1.1 429") && heard.contains("Retry-After: "))
        for _ in 0..<Limits.refusalsBeforeClose { second.client.sayMessage(Self.unsubscribe("job:1")) }
        bench.turn(until: { bench.edge.counters.violations[.punished] == 1 })
        #expect(second.client.hearAll().contains("RATE_LIMIT_EXCEEDED"))
        #expect(bench.edge.counters.open[.triggerx] >= 1)
    }

    @Test("The connection beyond the address's limit is refused in the dialect's words; those a minute do not count")
    func address() throws {
        let bench = try EdgeBench {
            $0.limits.connectionsPerIP = 10
            $0.limits.connectionsPerIPPerMinute = 1
        }
        defer { bench.close() }
        let key = key(bench)
        let all = try (0..<10).map { _ in try join(bench, Self.upgrade(key)) }
        let client = try bench.client()
        client.say(Self.upgrade(key))
        let heard = hear(bench, client)
        #expect(heard.hasPrefix("HTTP/1.1 429") && heard.contains("Retry-After: 60\r\n"), "\(heard)")
        #expect(heard.contains(#"{"type":"ERROR","data":{"code":"RATE_LIMIT_EXCEEDED","message":"#))
        #expect(bench.edge.counters.refusals[.addressConnections] == 1)
        withExtendedLifetime(all) {}
    }

    @Test("A session ends with its key, and not with its user's tokens")
    func revocation() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let mine = try join(bench, Self.upgrade(key(bench, 1)))
        let other = try join(bench, Self.upgrade(key(bench, 2)))
        bench.edge.receive(.revoked(Revocation(.user(UserID("anna")), at: HubDesk.now().wall)))
        bench.edge.receive(.apiKeyRevoked(APIKeyID(UUID128(high: 9, low: 1))))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        bench.turn(until: { mine.client.hearAll().contains("revoked") })
        #expect(mine.client.heard.contains(#"{"type":"ERROR","data":{"code":"AUTHENTICATION_FAILED","message":"#))
        other.client.sayMessage(Self.unsubscribe("job:1"))
        bench.turn(until: { other.client.hearAll().contains("UNSUBSCRIBED") })
        #expect(!other.client.heard.contains("AUTHENTICATION_FAILED"))
    }

    @Test("A message of a key that this loop does not know to be revoked yet ends the session")
    func lateWord() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let secret = key(bench)
        let joined = try join(bench, Self.upgrade(secret))
        var record = APIKeyRecord(
            id: APIKeyID(UUID128(high: 9, low: 1)), digest: secret.digest, owner: UserID("anna"),
            createdAt: Timestamp(milliseconds: 0))
        record.revokedAt = Timestamp(milliseconds: 1)
        bench.edge.shared.apiKeys.set(record)
        joined.client.sayMessage(Self.subscribe("job:1"))
        bench.turn(until: { joined.client.hearAll().contains("AUTHENTICATION_FAILED") })
        #expect(!bench.taken.contains { if case .joinRequested = $0 { true } else { false } })
        bench.edge.receive(.apiKeyRevoked(record.id))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
        #expect(joined.client.hearAll().components(separatedBy: "AUTHENTICATION_FAILED").count == 2, "told once")
    }

    /// Whose key's term is over soon. On a machine that was held up it is over too soon: then it gets a longer one.
    private func joinForAWhile(_ bench: EdgeBench) throws -> (Joined, end: Timestamp) {
        for milliseconds in [400, 2000, 10_000] as [Int64] {
            let end = HubDesk.now().wall.adding(milliseconds: milliseconds)
            let key = key(bench, 7, expiresAt: end)
            let (client, before) = (try bench.client(), bench.taken.count)
            client.say(Self.upgrade(key))
            var opened: (SessionID, Subscriber)?
            bench.turn(until: {
                for case .sessionOpened(let session, let subscriber) in bench.taken.dropFirst(before) {
                    opened = (session, subscriber)
                }
                return opened != nil || client.hearAll().contains("INVALID_API_KEY")
            })
            if let opened { return (Joined(client: client, session: opened.0, subscriber: opened.1), end) }
        }
        throw TooSlow()
    }

    private struct TooSlow: Error {}

    @Test("A session ends when its key's term is over, without a word of the Hub's")
    func expiry() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let mine = try joinForAWhile(bench).0
        // At that moment, and not when the next heartbeat is due.
        let deadline = try #require(bench.edge.connection(mine.session)?.deadline)
        #expect(deadline > 0 && deadline <= bench.edge.loop.now + 10_001_000_000)
        let later = HubDesk.now().wall.adding(milliseconds: 3_600_000)
        let other = try join(bench, Self.upgrade(key(bench, 2, expiresAt: later)))
        let endless = try join(bench, Self.upgrade(key(bench, 3)))
        bench.turn(until: { mine.client.hearAll().contains("expired") })
        #expect(mine.client.heard.contains(#"{"type":"ERROR","data":{"code":"AUTHENTICATION_FAILED","message":"#))
        // Its revocation comes later than its end, and is told to nobody any more.
        bench.edge.receive(.apiKeyRevoked(APIKeyID(UUID128(high: 9, low: 7))))
        for joined in [other, endless] {
            joined.client.sayMessage(Self.unsubscribe("job:1"))
            bench.turn(until: { joined.client.hearAll().contains("UNSUBSCRIBED") })
            #expect(!joined.client.heard.contains("AUTHENTICATION_FAILED"))
        }
        #expect(mine.client.hearAll().components(separatedBy: "AUTHENTICATION_FAILED").count == 2, "told once")
    }

    @Test("What a client says behind its key's term is not done, whichever the loop sees first")
    func tooLate() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let (joined, end) = try joinForAWhile(bench)
        // Nobody turns the loop meanwhile.
        while HubDesk.now().wall < end { usleep(10_000) }
        joined.client.sayMessage(Self.subscribe("job:1"))
        bench.turn(until: { joined.client.hearAll().contains("AUTHENTICATION_FAILED") })
        #expect(!bench.taken.contains { if case .joinRequested = $0 { true } else { false } })
    }

    @Test("Who is gone takes its rooms along; a handshake that fails is no client")
    func gone() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let key = key(bench)
        var joined: Joined? = try join(bench, Self.upgrade(key))
        let session = try #require(joined?.session)
        _ = joined.map { wish(bench, $0.client, Self.subscribe("job:1")) }
        tell(bench, .roomJoined(session, .job("1"), Self.position, recovery: nil))
        let roster = bench.edge.shared.roster(.triggerx)
        #expect(roster.summary().subscriptions == 1)
        joined = nil
        bench.turn(until: { if case .sessionClosed(session, _)? = bench.taken.last { true } else { false } })
        #expect(roster.summary() == SubscriptionRoster.Summary())
        let client = try bench.client()
        client.say(Self.upgrade(key).replacing("Version: 13", with: "Version: 12"))
        bench.turn(until: { bench.edge.counters.responses[4] == 1 })
        #expect(roster.summary().clients == 0)
    }
}
