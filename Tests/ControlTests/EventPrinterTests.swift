import Testing

@testable import neurogridctl

@Suite struct EventPrinterTests {
    private func outcome(_ text: String, json: Bool = false) -> String? {
        var printer = EventPrinter(printsJSON: json)
        let outcome = Array(text.utf8).withUnsafeBytes { printer.print($0) }
        if case .ends(let reason) = outcome { return reason }
        return nil
    }

    @Test(arguments: ["auth_response", "connected", "room_joined", "pong", "resume_ticket"])
    func answersAreNoEvents(type: String) {
        #expect(outcome(#"{"type":"\#(type)","data":{}}"#) == nil)
    }

    @Test func whatTheCoordinatorRefusesEndsTheWatching() {
        #expect(
            outcome(#"{"type":"auth_error","data":{"code":"TOKEN_EXPIRED","message":"too old"}}"#)
                == "TOKEN_EXPIRED: too old")
        #expect(outcome(#"{"type":"error","data":{"code":"UNKNOWN_ROOM"}}"#) == "UNKNOWN_ROOM")
        // A drain is followed by a new connection.
        #expect(outcome(#"{"type":"error","data":{"code":"CONNECTION_FAILED"}}"#) == nil)
    }

    @Test func thePlaceToComeBackToIsTheLastOneNamed() {
        var printer = EventPrinter(printsJSON: false)
        func print(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { printer.print($0) } }
        print(#"{"type":"connected","data":{}}"#)
        #expect(printer.position == nil)
        print(#"{"type":"room_joined","data":{"room":"general","epoch":7,"offset":41}}"#)
        #expect(printer.position?.epoch == 7 && printer.position?.offset == 41)
        print(
            #"{"type":"system_notification","room":"general","epoch":7,"offset":42,"#
                + #""data":{"level":"info","title":"t","message":"m"}}"#)
        print(#"{"type":"pong","data":{}}"#)
        #expect(printer.position?.epoch == 7 && printer.position?.offset == 42)
    }

    @Test func aTicketSaysHowLongToStayAwayUntilTheNextSession() {
        var printer = EventPrinter(printsJSON: false)
        func print(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { printer.print($0) } }
        #expect(printer.retryAfterMilliseconds == nil)
        print(#"{"type":"resume_ticket","data":{"reason":"drain","retry_after_ms":3120,"rooms":[]}}"#)
        #expect(printer.retryAfterMilliseconds == 3120)
        print(#"{"type":"connected","data":{}}"#)
        #expect(printer.retryAfterMilliseconds == nil)
    }

    @Test func whatIsNoMessageEndsTheWatching() {
        #expect(outcome("nonsense") != nil)
        #expect(outcome("{}") != nil)
    }
}
