import Grid
import Testing

@testable import Store

@Suite struct EventCoderTests {
    private func notification(_ content: NotificationContent, key: String? = nil) -> RoomEvent {
        .systemNotification(
            SystemNotification(
                id: UUID128(high: 1, low: 2), content: content, sender: UserID("ana \"the\" admin"), requestKey: key,
                sentAt: Sample.time(9)))
    }

    @Test func whatIsWrittenIsReadBack() {
        for event in [
            notification(NotificationContent(title: "t", message: "m")),
            notification(
                NotificationContent(
                    level: .critical, title: "\u{0}\n\"\\ é 🚀", message: String(repeating: "ü", count: 2000),
                    scheduledTime: Sample.time(-5), estimatedDurationSeconds: .max, affectedServices: ["a", "b \" c"]),
                key: "key"),
        ] {
            let (kind, body) = EventCoder.encode(event)
            #expect(EventCoder.decode(kind: kind, body: body) == event)
        }
    }

    /// Databases out there hold it as it was.
    @Test func theStoredFormStaysAsItIs() {
        let (kind, body) = EventCoder.encode(
            notification(
                NotificationContent(
                    level: .error, title: "t", message: "m", scheduledTime: Sample.time(0),
                    estimatedDurationSeconds: 60,
                    affectedServices: ["s"]), key: "k"))
        #expect(kind == "system_notification")
        #expect(
            body == #"{"id":"00000000-0000-0001-0000-000000000002","level":"error","title":"t","message":"m","#
                + #""scheduled_time":1700000000123,"estimated_duration":60,"affected_services":["s"],"#
                + #""sender":"ana \"the\" admin","request_key":"k","sent_at":1700000009123}"#)
        let later = body.replacing("{\"id\"", with: "{\"added_later\":{\"x\":[1]},\"id\"")
        #expect(EventCoder.decode(kind: kind, body: later) == EventCoder.decode(kind: kind, body: body))
    }

    @Test func whatItDidNotWriteItDoesNotRead() {
        let (kind, body) = EventCoder.encode(notification(NotificationContent(title: "t", message: "m")))
        #expect(EventCoder.decode(kind: "other", body: body) == nil)
        #expect(EventCoder.decode(kind: kind, body: "{}") == nil)
        for count in 0..<body.utf8.count {
            #expect(EventCoder.decode(kind: kind, body: String(body.prefix(count))) == nil)
        }
    }
}
