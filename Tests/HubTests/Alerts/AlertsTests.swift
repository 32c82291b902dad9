import Grid
import Testing

@testable import Hub

@Suite("Alerts: what is kept")
struct AlertsTests {
    @Test("A request raises an alert: stored, told and answered")
    func raising() throws {
        var scene = Scene.watched()
        let effects = scene.raise(1, kind: "backup", node: .test(1))
        let alert = try #require(effects.raised.first)
        #expect(alert.id == .test(1) && alert.raised == AlertStep(user: UserID("ana"), at: scene.now.wall))
        #expect(effects.storedAlerts == [alert])
        #expect(effects.alertAnswers.map(\.alert) == [alert] && effects.alertAnswers.allSatisfy(\.isNew))
        #expect(effects.publications.first?.event.facts.region == "r")
        let action = effects.events.last
        guard case .actionExecuted(let executed)? = action else { return #expect(Bool(false), "no action is told") }
        #expect(executed.kind == .alertRaised && executed.user == UserID("ana") && executed.node == .test(1))
    }

    @Test("Of one kind a node has one open alert; of no kind each stands for itself")
    func subjects() {
        var scene = Scene.watched()
        scene.raise(1, kind: "backup", node: .test(1))
        let again = scene.raise(2, kind: "backup", node: .test(1))
        #expect(again.alertAnswers.map { $0.alert?.id } == [.test(1)] && again.raised.isEmpty)
        #expect(!again.alertAnswers[0].isNew)
        #expect(scene.raise(3, kind: "backup").raised.count == 1, "of no node")
        #expect(scene.raise(4).raised.count == 1)
        #expect(scene.raise(5).raised.count == 1)
        scene.step(.test(1), .resolve)
        #expect(scene.raise(6, kind: "backup", node: .test(1)).raised.count == 1)
    }

    @Test("A request that is repeated is answered as it was, and another one under its key is refused")
    func keys() {
        var scene = Scene.watched()
        scene.raise(1, key: "k")
        let again = scene.raise(2, key: "k")
        #expect(again.alertAnswers.map { $0.alert?.id } == [.test(1)] && again.persisted.isEmpty)
        #expect(scene.raise(3, key: "k", message: "other").refusals == [.idempotencyConflict])
        #expect(scene.raise(4, key: "k", sender: "ben").raised.count == 1)
        var state = Scene.empty
        state.alerts = Array(scene.hub.alerts.records.values)
        var restarted = Scene(state)
        #expect(restarted.raise(9, key: "k").alertAnswers.map { $0.alert?.id } == [.test(1)])
    }

    @Test("What nobody may raise")
    func refusals() {
        var scene = Scene.watched()
        for cause in AlertCause.allCases { #expect(scene.raise(1, kind: cause.rawValue).refusals == [.badRequest]) }
        #expect(scene.raise(1, node: .test(9)).refusals == [.badRequest])
        #expect(scene.raise(1, message: "").refusals == [.badRequest])
        #expect(scene.raise(1, kind: "").refusals == [.badRequest])
        #expect(scene.raise(1, message: String(repeating: "x", count: 2049)).refusals == [.badRequest])
        #expect(scene.raise(1, key: String(repeating: "x", count: 129)).refusals == [.badRequest])
        scene.apply(.drainStarted)
        #expect(scene.raise(1).refusals == [.unavailable])
        #expect(scene.hub.alerts.count == 0)
    }

    @Test("An alert goes from new by acknowledged to resolved, and never back; who did it is known")
    func steps() throws {
        var scene = Scene.watched()
        scene.raise(1)
        scene.wait(milliseconds: 5)
        let acknowledged = try #require(scene.step(.test(1), .acknowledge).updated.first)
        #expect(acknowledged.status == .acknowledged)
        #expect(acknowledged.updated == AlertStep(user: UserID("boss"), at: scene.now.wall))
        let again = scene.step(.test(1), .acknowledge, by: "other")
        #expect(again.alertAnswers.map(\.alert) == [acknowledged] && again.persisted.isEmpty)
        let resolved = try #require(scene.step(.test(1), .resolve, by: "other").updated.first)
        #expect(resolved.status == .resolved && resolved.acknowledged == acknowledged.acknowledged)
        #expect(resolved.updated.user == UserID("other"))
        #expect(scene.step(.test(1), .resolve).alertAnswers.map(\.alert) == [resolved])
        #expect(scene.step(.test(1), .acknowledge).refusals == [.alertResolved])
        #expect(scene.hub.alerts[.test(1)] == resolved)
        #expect(scene.step(.test(2), .resolve).alertAnswers.map(\.alert) == [nil])
    }

    @Test("So many are kept; the oldest resolved one goes first, and none that is open")
    func bounds() {
        var scene = Scene.watched { $0.alerts.maximumKept = 3 }
        for id in 1...3 as ClosedRange<UInt64> {
            scene.raise(id, key: "\(id)")
            scene.wait(milliseconds: 1)
        }
        #expect(scene.raise(4).refusals == [.unavailable])
        scene.step(.test(3), .resolve)
        scene.step(.test(2), .resolve)
        #expect(scene.raise(4).persisted.contains(.alertForgotten(.test(2))))
        #expect(scene.raise(5).persisted.contains(.alertForgotten(.test(3))))
        #expect(scene.raise(6).refusals == [.unavailable])
        #expect(Set(scene.hub.alerts.records.keys) == [.test(1), .test(4), .test(5)])
        #expect(scene.hub.alerts.find("2", of: UserID("ana")) == nil)
        #expect(scene.hub.alerts.find("1", of: UserID("ana"))?.id == .test(1))
    }

    @Test("Lists are newest first, page by page, and by every filter")
    func lists() {
        var scene = Scene.watched()
        for id in 1...7 as ClosedRange<UInt64> {
            scene.raise(id, kind: id % 2 == 0 ? "even" : nil, node: id == 4 ? .test(1) : nil)
            scene.step(.test(id), id == 2 ? .resolve : .acknowledge)
            // Two in one millisecond are in the order of their identifiers.
            if id % 2 == 0 { scene.wait(milliseconds: 1) }
        }
        func page(_ limit: Int, _ before: AlertCursor? = nil, _ change: (inout AlertFilter) -> Void = { _ in })
            -> (ids: [AlertID], next: AlertCursor?)
        {
            var filter = AlertFilter()
            change(&filter)
            let effects = scene.apply(.query(.test(3), .alerts(filter, limit: limit, before: before)))
            guard case .answer(_, .alerts(let alerts, let next))? = effects.first else { return ([], nil) }
            return (alerts.map(\.id), next)
        }
        func ids(_ numbers: UInt64...) -> [AlertID] { numbers.map { .test($0) } }
        let first = page(3)
        #expect(first.ids == ids(7, 6, 5))
        let second = page(3, first.next)
        #expect(second.ids == ids(4, 3, 2))
        let third = page(3, second.next)
        #expect(third.ids == ids(1))
        #expect(third.next == nil)
        #expect(page(7).next == nil)
        #expect(page(9) { $0.statuses = [.resolved] }.ids == ids(2))
        #expect(page(9) { $0.kind = "even" }.ids == ids(6, 4, 2))
        #expect(page(9) { $0.node = .test(1) }.ids == ids(4))
        #expect(page(9) { $0.severities = [.critical] }.ids == ids())
        #expect(page(9) { $0.statuses = [.new, .acknowledged] }.ids == ids(7, 6, 5, 4, 3, 1))
    }

    @Test("A cursor is its text")
    func cursors() {
        let alert = Alert(
            id: .test(4), content: AlertContent(message: "m"),
            raised: AlertStep(user: nil, at: Timestamp(milliseconds: -5)))
        let cursor = AlertCursor(alert)
        #expect(AlertCursor(cursor.description) == cursor)
        for text in ["", ".", "1", "1.2", "x.\(alert.id)", "1.\(alert.id).1", " 1.\(alert.id)"] {
            #expect(AlertCursor(text) == nil, "\(text)")
        }
    }
}
