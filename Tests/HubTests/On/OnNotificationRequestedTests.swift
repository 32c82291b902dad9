import Grid
import Testing

@testable import Hub

@Suite("Notifications")
struct OnNotificationRequestedTests {
    let content = NotificationContent(title: "Maintenance", message: "at two")

    func request(_ number: UInt32) -> RequestID { RequestID(session: SessionID(bits: 99), number: number) }

    func wish(
        _ id: UInt64, key: String? = nil, sender: String = "root", _ content: NotificationContent? = nil
    ) -> NotificationRequest {
        NotificationRequest(
            id: UUID128(high: 8, low: id), sender: UserID(sender), key: key, content: content ?? self.content)
    }

    func receipts(_ effects: [Effect]) -> [UInt64] {
        effects.compactMap { if case .answer(_, .notified(_, let position)) = $0 { position.offset } else { nil } }
    }

    @Test("Stored, then told, then answered, in this order")
    func order() {
        var scene = Scene()
        scene.open(7)
        scene.join(7, .base(.general))
        let effects = scene.apply(.notificationRequested(request(1), wish(1)))
        let kinds = effects.map { effect in
            switch effect {
            case .persist(.audit): "audited"
            case .persist(.event): "stored"
            case .publish: "told"
            case .answer(_, .notified): "answered"
            default: "other"
            }
        }
        #expect(kinds == ["audited", "other", "stored", "told", "answered"])
        let event = effects.publications.first?.event
        #expect(event?.at == scene.now.wall && event?.position == scene.hub.rooms.log(.general).end)
        guard case .systemNotification(let told)? = event?.event else {
            Issue.record("no notification")
            return
        }
        #expect(told.content == content && told.sentAt == scene.now.wall && told.sender == UserID("root"))
    }

    @Test("The same key is the same request: one event, one answer; another content is a conflict")
    func idempotent() {
        var scene = Scene()
        #expect(receipts(scene.apply(.notificationRequested(request(1), wish(1, key: "k")))) == [1])
        let again = scene.apply(.notificationRequested(request(2), wish(2, key: "k")))
        #expect(receipts(again) == [1] && again.count == 1)
        let changed = NotificationContent(title: "Maintenance", message: "at three")
        #expect(
            scene.apply(.notificationRequested(request(3), wish(3, key: "k", changed))).refusals
                == [.idempotencyConflict])
        #expect(receipts(scene.apply(.notificationRequested(request(4), wish(4, key: "k", sender: "other")))) == [2])
        #expect(receipts(scene.apply(.notificationRequested(request(5), wish(5)))) == [3])
    }

    @Test("Keys survive a restart with their events, and go with them")
    func keysAfterRestart() {
        var configuration = HubConfiguration()
        configuration.history.events = 100
        var scene = Scene(configuration: configuration)
        var events: [LoggedEvent] = []
        for number in UInt64(1)...50 {
            let effects = scene.apply(.notificationRequested(request(1), wish(number, key: "k\(number)")))
            for case .event(let event) in effects.persisted { events.append(event) }
        }
        var state = Scene.empty
        state.logs = [StoredLog(room: .general, epoch: events[0].position.epoch, events: events)]
        var again = Scene(state, configuration: configuration, seed: 2)
        #expect(again.hub.rooms.log(.general).end == scene.hub.rooms.log(.general).end)
        #expect(receipts(again.apply(.notificationRequested(request(1), wish(99, key: "k7")))) == [7])
        for number in UInt64(51)...300 {
            again.apply(.notificationRequested(request(1), wish(number, key: "k\(number)")))
        }
        #expect(receipts(again.apply(.notificationRequested(request(1), wish(99, key: "k7")))) == [301])
        #expect(receipts(again.apply(.notificationRequested(request(1), wish(99, key: "k300")))) == [300])
    }

    @Test("What the log lets go of, the Store lets go of in the same transaction, or when its time has come")
    func trimmed() {
        var configuration = HubConfiguration()
        configuration.history.events = 3
        configuration.history.ageMilliseconds = 60_000
        var scene = Scene(configuration: configuration)
        for number in UInt64(1)...3 { scene.apply(.notificationRequested(request(1), wish(number))) }
        let effects = scene.apply(.notificationRequested(request(1), wish(4)))
        #expect(effects.persisted.contains(.eventsTrimmed(.general, through: 1)))
        #expect(scene.run(milliseconds: 80_000).persisted == [.eventsTrimmed(.general, through: 4)])
        #expect(scene.hub.nextDeadlineNanoseconds == nil, "nothing is left to grow old")
    }

    @Test("Empty and over-long texts are refused, and everything once the coordinator stops")
    func refusals() {
        var scene = Scene()
        let long = String(repeating: "x", count: Limits.notificationTitleBytes + 1)
        for content in [
            NotificationContent(title: "", message: "m"), NotificationContent(title: "t", message: ""),
            NotificationContent(title: long, message: "m"),
            NotificationContent(title: "t", message: "m", affectedServices: [""]),
            NotificationContent(
                title: "t", message: "m",
                affectedServices: Array(repeating: "s", count: Limits.notificationServices + 1)),
        ] {
            let effects = scene.apply(.notificationRequested(request(1), wish(1, content)))
            #expect(effects.refusals == [.badRequest] && effects.count == 1)
        }
        scene.apply(.drainStarted)
        #expect(scene.apply(.notificationRequested(request(1), wish(1))).refusals == [.unavailable])
        #expect(scene.hub.rooms.log(.general).lastOffset == 0)
    }
}
