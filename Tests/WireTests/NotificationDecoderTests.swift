import Grid
import Testing

@testable import Wire

@Suite("Notifications as they are sent")
struct NotificationDecoderTests {
    private func decode(_ text: String) -> Result<NotificationContent, WireError> {
        text.withRaw { bytes in Result { () throws(WireError) in try NotificationDecoder.decode(bytes) } }
    }

    @Test("The documented body, and the least one")
    func bodies() throws {
        #expect(try decode(Goldens.text("rest/notification")).get() == NativeGoldens.content)
        let least = try decode(#"{"title":"t","message":"m","scheduled_time":null,"level":null}"#).get()
        #expect(least == NotificationContent(title: "t", message: "m") && least.level == .info)
    }

    @Test(
        "Whatever is wrong is refused with the field's name",
        arguments: [
            ("[]", ""), ("{", ""), (#"{"title":"t"}"#, "message"), (#"{"message":"m"}"#, "title"),
            (#"{"title":"","message":"m"}"#, "title"), (#"{"title":"t","message":""}"#, "message"),
            (#"{"title":1,"message":"m"}"#, "title"), (#"{"title":"t","message":"m","levl":"info"}"#, "\"levl\""),
            (#"{"title":"t","message":"m","level":"loud"}"#, "level"),
            (#"{"title":"t","message":"m","scheduled_time":"tomorrow"}"#, "scheduled_time"),
            (#"{"title":"t","message":"m","estimated_duration":-1}"#, "estimated_duration"),
            (#"{"title":"t","message":"m","estimated_duration":4294967296}"#, "estimated_duration"),
            (#"{"title":"t","message":"m","affected_services":"all"}"#, "affected_services"),
            (#"{"title":"t","message":"m","affected_services":[""]}"#, "affected_services"),
            (#"{"title":"t","message":"m","affected_services":[null]}"#, "affected_services"),
            (#"{"title":"t","message":"m"} x"#, ""),
        ])
    func faults(_ text: String, _ field: String) {
        guard case .failure(let error) = decode(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(error.field == field && error.refusal.code == .invalidMessage)
    }

    @Test("Texts are held to their limits, to the byte")
    func lengths() {
        func body(title: Int, message: Int, services: Int = 0, service: Int = 1) -> String {
            func text(_ count: Int) -> String { "\"\(String(repeating: "x", count: count))\"" }
            let list = Array(repeating: text(service), count: services).joined(separator: ",")
            return "{\"title\":\(text(title)),\"message\":\(text(message)),\"affected_services\":[\(list)]}"
        }
        func isTaken(_ text: String) -> Bool {
            guard case .success(let content) = decode(text) else { return false }
            return content.isWithinLimits
        }
        let (title, message) = (Limits.notificationTitleBytes, Limits.notificationMessageBytes)
        let (services, service) = (Limits.notificationServices, Limits.notificationServiceBytes)
        #expect(isTaken(body(title: title, message: message, services: services, service: service)))
        #expect(!isTaken(body(title: title + 1, message: message)))
        #expect(!isTaken(body(title: title, message: message + 1)))
        #expect(!isTaken(body(title: 1, message: 1, services: services + 1)))
        #expect(!isTaken(body(title: 1, message: 1, services: 1, service: service + 1)))
    }
}
