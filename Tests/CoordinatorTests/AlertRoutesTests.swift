import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

/// What requests about alerts, predictions, the network and the platform become.
@Suite("Routes: alerts", .timeLimit(.minutes(1)))
struct AlertRoutesTests {
    private static let json = "Content-Type: application/json\r\n"
    private static let id = AlertID("0f8fad5b-d9cb-469f-a165-70867728950e")!

    private static func alert(_ id: AlertID = id) -> Alert {
        Alert(
            id: id, content: AlertContent(message: "m"),
            raised: AlertStep(user: UserID("u"), at: Timestamp(milliseconds: 0)))
    }

    @Test("An alert reaches the Hub with its sender and key, and is answered with its place")
    func raising() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let sent = try bench.request(
            "POST /api/v1/alerts", token: bench.sign("u", .broadcast), headers: Self.json + "Idempotency-Key: k\r\n",
            body: #"{"message":"m","severity":"info","kind":"a"}"#)
        guard case .alertRequested(let request, let wish)? = sent.event else {
            Issue.record("no alert: \(sent.answer)")
            return
        }
        #expect(wish.sender == UserID("u") && wish.key == "k")
        #expect(wish.content == AlertContent(severity: .info, kind: "a", message: "m"))
        let answer = bench.answer(request, .alertRaised(Self.alert(wish.id)), to: sent.client)
        #expect(answer.hasPrefix("HTTP/1.1 201") && answer.contains("Location: /api/v1/alerts/\(wish.id)\r\n"))
        let other = try bench.request(
            "POST /api/v1/alerts", token: bench.sign("u", .admin), headers: Self.json, body: #"{"message":"m"}"#)
        let open = bench.answer(try #require(other.requestID), .alert(Self.alert()), to: other.client)
        #expect(open.hasPrefix("HTTP/1.1 200") && open.contains("\(Self.id)"))
    }

    @Test("Steps reach the Hub with who takes them, and their answers have their status")
    func steps() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let token = bench.sign("root", .admin)
        for (word, wish) in [("acknowledge", AlertWish.acknowledge), ("resolve", .resolve)] {
            let sent = try bench.request("POST /api/v1/alerts/\(Self.id)/\(word)", token: token)
            guard case .alertStepRequested(_, Self.id, wish, by: UserID("root"))? = sent.event else {
                Issue.record("\(word): \(sent.answer)")
                return
            }
            let answers: [(Answer, String)] = [
                (.alert(Self.alert()), "200"), (.alert(nil), "404"),
                (.refused(Refusal(.alertResolved, "it is resolved")), "409"),
            ]
            for (answer, status) in answers {
                let again = try bench.request("POST /api/v1/alerts/\(Self.id)/\(word)", token: token)
                let said = bench.answer(try #require(again.requestID), answer, to: again.client)
                #expect(said.hasPrefix("HTTP/1.1 \(status)"), "\(said)")
            }
        }
    }

    @Test("Lists ask for what their parameters say")
    func lists() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let token = bench.sign("u", .nodeRead)
        let cursor = AlertCursor(Self.alert())
        let sent = try bench.request(
            "GET /api/v1/alerts?status=new,acknowledged&severity=critical&kind=disk&node_id=\(Self.id)&limit=7"
                + "&cursor=\(cursor)", token: token)
        var filter = AlertFilter()
        filter.statuses = [.new, .acknowledged]
        filter.severities = [.critical]
        filter.kind = "disk"
        filter.node = NodeID(Self.id.uuid)
        #expect(sent.query == .alerts(filter, limit: 7, before: cursor))
        let page = bench.answer(
            try #require(sent.requestID), .alerts([Self.alert()], next: cursor), to: sent.client)
        #expect(page.hasPrefix("HTTP/1.1 200") && page.contains("\"next_cursor\":\"\(cursor)\""))
        #expect(
            try bench.request("GET /api/v1/alerts", token: token).query
                == .alerts(AlertFilter(), limit: 100, before: nil))
        for wrong in [
            "status=old", "status=", "status=new,,resolved", "severity=loud", "node_id=x", "cursor=1", "limit=0",
        ] {
            let refused = try bench.request("GET /api/v1/alerts?\(wrong)", token: token)
            #expect(refused.event == nil && refused.answer.hasPrefix("HTTP/1.1 400"), "\(wrong)")
        }
        #expect(try bench.request("GET /api/v1/alerts/\(Self.id)", token: token).query == .alert(Self.id))
        #expect(try bench.request("GET /api/v1/alerts/x", token: token).answer.hasPrefix("HTTP/1.1 404"))
    }

    @Test("Predictions, the network and the platform")
    func others() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let sent = try bench.request(
            "POST /api/v1/predictions", token: bench.sign("ml", .broadcast), headers: Self.json,
            body: #"{"status":"failed"}"#)
        guard case .predictionRequested(let request, let wish)? = sent.event else {
            Issue.record("no prediction: \(sent.answer)")
            return
        }
        #expect(wish.sender == UserID("ml") && wish.key == nil && wish.content.status == .failed)
        let said = bench.answer(request, .predicted(wish.id, LogPosition(epoch: 5, offset: 7)), to: sent.client)
        #expect(said.hasPrefix("HTTP/1.1 201") && said.contains("\"offset\":7") && said.contains("\(wish.id)"))
        let network = try bench.request("GET /api/v1/topology?limit=3", token: bench.sign("u", .nodeRead))
        #expect(network.query == .topology(limit: 3, after: nil))
        let device = TopologyDevice(id: "d", kind: .router)
        let devices = bench.answer(
            try #require(network.requestID), .topology([device], next: nil), to: network.client)
        #expect(devices.contains(#""devices":[{"id":"d","type":"router","name":null,"connections":[]}]"#))
        let figures = try bench.request("GET /api/v1/analytics", token: bench.sign("u", .analyticsRead))
        #expect(figures.query == .analytics)
        let update = AnalyticsUpdated(metrics: PlatformMetrics(), alerts: [], at: Timestamp(milliseconds: 0))
        #expect(
            bench.answer(try #require(figures.requestID), .analytics(update), to: figures.client)
                .contains("\"active_users\":0"))
    }
}
