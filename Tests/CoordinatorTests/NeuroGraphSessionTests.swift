import Access
import Bytes
import Foundation
import Grid
import Hub
import Reactor
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("NeuroGraph sessions", .timeLimit(.minutes(1)))
struct NeuroGraphSessionTests {
    private static func upgrade(_ target: String, headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\(headers)"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }

    /// A client that was greeted, and what the Hub was told of it.
    private struct Joined {
        var client: RawClient
        var session: SessionID
        var subscriber: Subscriber
        var name: String
    }

    private func join(_ bench: EdgeBench, _ target: String, headers: String = "") throws -> Joined {
        let client = try bench.client()
        let before = bench.taken.count
        client.say(Self.upgrade(target, headers: headers))
        bench.turn(until: { client.hearAll().contains("timestamp") && bench.taken.count > before })
        guard case .sessionOpened(let session, let subscriber)? = bench.taken.dropFirst(before).first(where: Self.opens)
        else {
            Issue.record("\(bench.taken)")
            throw Refusal(.internalFault, "no session")
        }
        return Joined(client: client, session: session, subscriber: subscriber, name: try Self.name(client.heard))
    }

    private static func opens(_ event: HubEvent) -> Bool {
        if case .sessionOpened = event { true } else { false }
    }

    /// The `client_id` that a client was greeted by.
    private static func name(_ heard: String) throws -> String {
        let start = try #require(heard.range(of: #""client_id":""#)).upperBound
        return String(heard[start...].prefix(UUID128.textLength))
    }

    private func tell(_ bench: EdgeBench, _ effect: Effect) {
        bench.edge.receive(.effect(effect))
        bench.edge.loop.runOnce(timeoutMilliseconds: 0)
    }

    /// Answers every wish of a session that the Hub has not answered.
    private func answer(_ bench: EdgeBench, from place: Int, at offset: UInt64 = 0) {
        for event in bench.taken.dropFirst(place) {
            switch event {
            case .joinRequested(let session, let room, _, _):
                tell(bench, .roomJoined(session, room, LogPosition(epoch: 1, offset: offset), recovery: nil))
            case .leaveRequested(let session, let room): tell(bench, .roomLeft(session, room))
            default: break
            }
        }
    }

    private func roomsAsked(_ bench: EdgeBench, from place: Int) -> [Room] {
        bench.taken.dropFirst(place).compactMap { if case .joinRequested(_, let room, _, _) = $0 { room } else { nil } }
    }

    private func gone(_ bench: EdgeBench, _ session: SessionID) {
        bench.turn(until: { if case .sessionLeft(session, _, _)? = bench.taken.last { true } else { false } })
    }

    @Test("A client with a token is greeted, by either path", arguments: ["/ws", "/neurograph/ws"])
    func greeting(_ path: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, "\(path)?token=\(bench.sign("anna", [.nodeRead, .taskSubmit]))")
        #expect(SessionAddress(joined.session).dialect == .neurograph)
        #expect(joined.subscriber.audience == Dialect.neurograph.rawValue && joined.subscriber.roomLimit == 0)
        #expect(joined.subscriber.user == UserID("anna"))
        #expect(joined.client.heard.contains(#"{"type":"connected","client_id":""#))
        #expect(joined.client.heard.contains(#""user_id":"anna""#))
        #expect(UUID128(joined.name) != nil)
        #expect(roomsAsked(bench, from: 0) == [EventChannel.everybody])
        #expect(bench.edge.counters.open[.neurograph] == 1 && bench.edge.counters.authentications == 1)
    }

    @Test("Who brings no good token is told so and sent away", arguments: ["/ws?token=x", "/neurograph/ws"])
    func refused(_ target: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade(target))
        bench.turn(until: { client.hearAll().contains(#"{"type":"error","message":""#) })
        #expect(client.heard.hasPrefix("HTTP/1.1 101") && !client.heard.contains("connected"))
        #expect(bench.taken.isEmpty && bench.edge.shared.roster(.neurograph).clientCount == 0)
    }

    @Test("A subscription is confirmed when the Hub has all its rooms, counted once, and ends when the Hub ended it")
    func subscriptions() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, "/ws?token=\(bench.token)")
        let (client, roster) = (joined.client, bench.edge.shared.roster(.neurograph))
        answer(bench, from: 0)
        var before = bench.taken.count
        client.sayMessage(#"{"type":"subscribe","channels":["status","signals"]}"#)
        client.sayMessage(#"{"type":"get_subscriptions"}"#)
        bench.turn(until: { bench.taken.count >= before + 7 })
        #expect(roomsAsked(bench, from: before) == EventChannel.status.rooms + EventChannel.signals.rooms)
        for room in roomsAsked(bench, from: before).dropLast() {
            tell(bench, .roomJoined(joined.session, room, LogPosition(epoch: 1, offset: 0), recovery: nil))
        }
        #expect(!client.hearAll().contains("subscri") && roster.count("status") == 0)
        let last = try #require(EventChannel.signals.rooms.last)
        tell(bench, .roomJoined(joined.session, last, LogPosition(epoch: 1, offset: 0), recovery: nil))
        bench.turn(until: { client.hearAll().contains(#"{"type":"subscriptions","channels":["status","signals"]"#) })
        #expect(client.heard.contains(#"{"type":"subscribed","channels":["status","signals"]"#))
        #expect(roster.count("status") == 1 && roster.count("signals") == 1 && roster.clientCount == 1)
        before = bench.taken.count
        client.sayMessage(#"{"type":"subscribe","channels":["signals"]}"#)
        bench.turn(until: { client.hearAll().contains(#"{"type":"subscribed","channels":["signals"]"#) })
        #expect(bench.taken.count == before && roster.count("signals") == 1)
        client.sayMessage(#"{"type":"unsubscribe","channels":["signals","metrics"]}"#)
        bench.turn(until: { bench.taken.count == before + EventChannel.signals.rooms.count })
        answer(bench, from: before)
        bench.turn(until: { client.hearAll().contains(#"{"type":"unsubscribed","channels":["signals","metrics"]"#) })
        #expect(roster.count("signals") == 0 && roster.count("status") == 1)
    }

    @Test("A channel that the token does not open is refused, with all of its request")
    func forbidden() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, "/ws?token=\(bench.token)")
        let before = bench.taken.count
        joined.client.sayMessage(#"{"type":"subscribe","channels":["metrics","logs"]}"#)
        bench.turn(until: { joined.client.hearAll().contains("FORBIDDEN") })
        #expect(bench.taken.count == before)
    }

    @Test("Messages are not limited, nor is an address; connections are, in the dialect's words")
    func limits() throws {
        let bench = try EdgeBench {
            $0.limits.messagesPerConnectionPerMinute = 2
            $0.limits.connectionsPerIP = 1
            $0.limits.neurographConnections = 2
        }
        defer { bench.close() }
        let first = try join(bench, "/ws?token=\(bench.token)")
        var second: Joined? = try join(bench, "/ws?token=\(bench.token)")
        for _ in 0..<9 { first.client.sayMessage(#"{"type":"ping"}"#) }
        bench.turn(until: { first.client.hearAll().components(separatedBy: #""type":"pong""#).count == 10 })
        let third = try bench.client()
        third.say(Self.upgrade("/ws?token=\(bench.token)"))
        bench.turn(until: { bench.edge.counters.responses[4] == 1 })
        let heard = third.hear { $0.contains("message") }
        #expect(heard.hasPrefix("HTTP/1.1 429") && heard.contains("Retry-After: "))
        #expect(heard.contains(#"{"type":"error","message":""#))
        #expect(bench.edge.counters.refusals[.dialectConnections] == 1)
        let session = try #require(second?.session)
        second = nil
        gone(bench, session)
        _ = try join(bench, "/ws?token=\(bench.token)")
    }

    @Test("Who sends more than the Hub takes is not read for a while, and loses nothing by it")
    func backPressure() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let joined = try join(bench, "/ws?token=\(bench.token)")
        let before = bench.taken.count
        bench.hasRoom = false
        joined.client.sayMessage(#"{"type":"subscribe","channels":["metrics"]}"#)
        bench.turn(until: { bench.edge.isCongested })
        let waiting = bench.edge.waitingEventCount
        for number in 0..<50 {
            joined.client.sayMessage(#"{"type":"\#(number % 2 == 0 ? "un" : "")subscribe","channels":["metrics"]}"#)
        }
        for _ in 0..<100 { bench.edge.loop.runOnce(timeoutMilliseconds: 1) }
        #expect(bench.edge.waitingEventCount == waiting && bench.taken.count == before)
        bench.hasRoom = true
        bench.turn(until: { bench.taken.count == before + 51 })
        answer(bench, from: before)
        bench.turn(until: { joined.client.hearAll().components(separatedBy: "subscribed").count == 52 })
    }

    @Test("A handshake that fails takes no place")
    func failedHandshake() throws {
        let bench = try EdgeBench { $0.limits.neurographConnections = 1 }
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade("/ws?token=\(bench.token)").replacing("Version: 13", with: "Version: 12"))
        bench.turn(until: { bench.edge.counters.responses[4] == 1 })
        bench.turn(until: { bench.edge.connectionCount == 0 })
        _ = try join(bench, "/ws?token=\(bench.token)")
    }

    // MARK: The bare path

    @Test("On the bare path a message of this dialect decides, where it needs no token")
    func firstMessage() throws {
        let bench = try EdgeBench {
            $0.isDevelopment = true
            $0.limits.connectionsPerIP = 1
        }
        defer { bench.close() }
        for _ in 0..<3 {
            let client = try bench.client()
            client.say(Self.upgrade("/ws"))
            bench.turn(until: { client.hearAll().contains("101") })
            client.sayMessage(#"{"type":"ping"}"#)
            bench.turn(until: { client.hearAll().contains(#""type":"pong","timestamp""#) })
            let before = bench.taken.count
            client.sayMessage(#"{"type":"get_subscriptions"}"#)
            bench.turn(until: { client.hearAll().contains(#"{"type":"subscriptions","channels":[]"#) })
            #expect(client.heard.contains(#""user_id":null"#))
            guard case .sessionOpened(let session, let subscriber) = bench.taken[before] else { return }
            #expect(SessionAddress(session).dialect == .neurograph && subscriber.user.text.isEmpty)
            #expect(subscriber.permissions.allows(.admin), "it reads all channels")
            #expect(bench.edge.counters.open[.native] == 0)
            withExtendedLifetime(client) {}
        }
    }

    @Test("Without development mode it is refused, and the client may still authenticate")
    func firstMessageRefused() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let client = try bench.client()
        client.say(Self.upgrade("/ws"))
        client.sayMessage(#"{"type":"subscribe","channels":["metrics"]}"#)
        bench.turn(until: { client.hearAll().contains(#"{"type":"error","message":""#) })
        #expect(bench.taken.isEmpty && bench.edge.counters.open[.native] == 1)
        client.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { client.hearAll().contains("auth_response") })
        client.sayMessage(#"{"type":"subscribe","channels":["metrics"]}"#)
        bench.turn(until: { client.hearAll().contains("UNKNOWN_TYPE") })
    }

    @Test(
        "Who is silent is greeted when it is time, and may still authenticate before it says something of the dialect")
    func silence() throws {
        let bench = try EdgeBench { $0.isDevelopment = true }
        defer { bench.close() }
        let (quiet, native) = (try bench.client(), try bench.client())
        for client in [quiet, native] {
            client.say(Self.upgrade("/ws"))
            bench.turn(until: { client.hearAll().contains(#""type":"connected""#) })
        }
        #expect(bench.taken.isEmpty, "the Hub knows nobody who may turn out to be another")
        #expect(bench.edge.shared.roster(.neurograph).clientCount == 2)
        func tellEverybody() throws {
            _ = try bench.request(
                "POST /api/v1/websocket/broadcast", token: bench.sign("s", .broadcast),
                headers: "Content-Type: application/json\r\n", body: #"{"channel":"*","event_type":"e","data":1}"#)
        }
        try tellEverybody()
        for client in [quiet, native] { bench.turn(until: { client.hearAll().contains(#""channel":"*""#) }) }
        native.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { native.hearAll().contains("auth_response") })
        guard case .sessionOpened(let session, _)? = bench.taken.last else { return }
        #expect(SessionAddress(session).dialect == .native)
        #expect(bench.edge.counters.open[.neurograph] == 1 && bench.edge.shared.roster(.neurograph).clientCount == 1)
        quiet.sayMessage(#"{"type":"get_subscriptions"}"#)
        bench.turn(until: { quiet.hearAll().contains("subscriptions") })
        try tellEverybody()
        quiet.sayMessage(#"{"type":"authenticate","data":{"token":"\#(bench.token)"}}"#)
        bench.turn(until: { quiet.hearAll().contains("UNKNOWN_TYPE") })
        #expect(quiet.heard.components(separatedBy: #""channel":"*""#).count == 2, "now the Hub tells it")
    }

    // MARK: Coming back

    @Test("A client that comes back asks for what it missed since it left, and has its name and channels again")
    func comingBack() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let token = bench.sign("anna", [.nodeRead, .taskSubmit])
        var former: Joined? = try join(bench, "/ws?token=\(token)")
        let (session, name) = (try #require(former?.session), try #require(former?.name))
        former?.client.sayMessage(#"{"type":"subscribe","channels":["metrics","actions"]}"#)
        bench.turn(until: { bench.taken.count == 2 + EventChannel.actions.rooms.count + 1 })
        answer(bench, from: 0, at: 41)
        former = nil
        gone(bench, session)
        let before = bench.taken.count
        let back = try join(bench, "/ws?token=\(bench.sign("anna", .nodeRead))&client_id=\(name)")
        #expect(back.name == name)
        bench.turn(until: { bench.taken.count == before + 2 })
        guard case .returnRequested(back.session, session, let rooms, Limits.bufferedEvents)? = bench.taken.last else {
            Issue.record("\(bench.taken)")
            return
        }
        #expect(rooms == [EventChannel.everybody] + EventChannel.metrics.rooms, "actions need a permission")
        // What it says meanwhile waits.
        back.client.sayMessage(#"{"type":"get_subscriptions"}"#)
        back.client.sayMessage(#"{"type":"ping"}"#)
        bench.turn(until: { back.client.hearAll().contains("pong") })
        tell(bench, .returned(back.session, dropped: 3))
        for room in rooms {
            tell(bench, .roomJoined(back.session, room, LogPosition(epoch: 1, offset: 41), recovery: nil))
        }
        bench.turn(until: { back.client.hearAll().contains(#"{"type":"subscriptions","channels":["metrics"]"#) })
        let overflow = try #require(back.client.heard.range(of: #"{"type":"buffer_overflow","dropped":3}"#))
        let list = try #require(back.client.heard.range(of: "subscriptions"))
        #expect(overflow.upperBound < list.lowerBound)
        #expect(bench.edge.shared.roster(.neurograph).count("metrics") == 1)
    }

    @Test("A name that is somebody else's, or nobody's, is not given")
    func foreignName() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let former = try join(bench, "/ws?token=\(bench.sign("anna", .nodeRead))")
        for name in [former.name, "0f8fad5b-d9cb-469f-a165-70867728950e", "nonsense"] {
            let other = try join(bench, "/ws?token=\(bench.sign("mallory", .admin))&client_id=\(name)")
            #expect(other.name != name && other.name != former.name)
        }
        former.client.sayMessage(#"{"type":"ping"}"#)
        bench.turn(until: { former.client.hearAll().contains("pong") })
    }

    @Test("A client that comes back while its former session is here ends that first")
    func fencing() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let former = try join(bench, "/ws?token=\(bench.token)")
        answer(bench, from: 0, at: 7)
        let back = try join(bench, "/ws?token=\(bench.token)&client_id=\(former.name)")
        #expect(back.name == former.name)
        bench.turn(until: { former.client.hearAll().contains("FENCED") })
        bench.turn(until: {
            bench.taken.contains {
                if case .returnRequested(back.session, former.session, _, _) = $0 { true } else { false }
            }
        })
        former.client.sayMessage(#"{"type":"get_subscriptions"}"#)
        back.client.sayMessage(#"{"type":"ping"}"#)
        bench.turn(until: { back.client.hearAll().contains("pong") })
        #expect(!former.client.hearAll().contains("subscriptions"), "nothing follows a close frame")
    }

    // MARK: REST

    @Test("Statistics need a token, broadcasts a permission")
    func rest() throws {
        let bench = try EdgeBench { $0.isDevelopment = true }
        defer { bench.close() }
        for path in ["status", "channels", "channels/metrics"] {
            #expect(try bench.request("GET /api/v1/websocket/\(path)").answer.hasPrefix("HTTP/1.1 401"))
            let user = try bench.request("GET /api/v1/websocket/\(path)", token: bench.token)
            #expect(user.answer.hasPrefix("HTTP/1.1 200"))
        }
        #expect(
            try bench.request("GET /api/v1/websocket/channels/x", token: bench.token).answer.hasPrefix("HTTP/1.1 404"))
        let body = #"{"channel":"signals","event_type":"e","data":{"a":1}}"#
        let json = "Content-Type: application/json\r\n"
        let user = try bench.request("POST /api/v1/websocket/broadcast", token: bench.token, headers: json, body: body)
        #expect(user.answer.hasPrefix("HTTP/1.1 403"))
        let speaker = try bench.request(
            "POST /api/v1/websocket/broadcast", token: bench.sign("s", .broadcast), headers: json, body: body)
        guard case .broadcastRequested(let request, let message)? = speaker.event else { return }
        #expect(
            message == ChannelMessage(channel: .signals, content: .broadcast(type: "e", data: #"{"a":1}"#)))
        let heard = bench.answer(request, .broadcast(.signals), to: speaker.client)
        #expect(heard.hasSuffix(#"{"status":"success","channel":"signals","delivered":0}"#))
    }

    @Test("A message to one client reaches it, or waits for it")
    func letters() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        var former: Joined? = try join(bench, "/ws?token=\(bench.token)")
        answer(bench, from: 0)
        let (session, name) = (try #require(former?.session), try #require(former?.name))
        func say(_ number: Int) throws -> String {
            try bench.request(
                "POST /api/v1/websocket/broadcast", token: bench.sign("s", .admin),
                headers: "Content-Type: application/json\r\n",
                body: #"{"client_id":"\#(name)","event_type":"e","data":\#(number)}"#
            ).answer
        }
        #expect(try say(1).hasSuffix(#""delivered":1}"#))
        bench.turn(until: { former?.client.hearAll().contains(#""event_type":"e","data":1}"#) == true })
        former = nil
        gone(bench, session)
        #expect(try say(2).hasSuffix(#""delivered":0}"#))
        let back = try join(bench, "/ws?token=\(bench.token)&client_id=\(name)")
        tell(bench, .returned(back.session, dropped: 0))
        bench.turn(until: { back.client.hearAll().contains(#""event_type":"e","data":2}"#) })
    }
}
