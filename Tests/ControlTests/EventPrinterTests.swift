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

    @Test func whatIsNoMessageEndsTheWatching() {
        #expect(outcome("nonsense") != nil)
        #expect(outcome("{}") != nil)
    }
}
