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

    @Test(arguments: [
        (
            "task_update",
            #"{"task_id":"6ba7b810-9dad","task_number":7,"status":"running","previous_status":"assigned","#
                + #""node_id":"0f8fad5b-d9cb","updated_at":"2024-01-15T10:30:00.000Z"}"#,
            "#7 6ba7b810  assigned → running  on 0f8fad5b"
        ),
        (
            "task_update",
            #"{"task_id":"6ba7b810-9dad","status":"running","previous_status":"running","#
                + #""result":{"output":{"a":1},"tokens_used":null,"processing_time":2.5},"#
                + #""cost":{"amount":0.000278,"currency":"USD"}}"#,
            "6ba7b810  still running  ok, 2.5 s  cost 0.000278 USD"
        ),
        ("task_assigned", #"{"task_id":"6ba7b810-9dad","node_id":"0f8fad5b-d9cb"}"#, "6ba7b810  → node 0f8fad5b"),
        (
            "task_progress",
            #"{"task_id":"6ba7b810-9dad","progress":65,"stage":"burn","message":null,"eta_seconds":4}"#,
            "6ba7b810  65 %  burn  4 s left"
        ),
        (
            "balance_update", #"{"user_id":"u","balances":{"USD":{"total":100,"available":90,"locked":10}}}"#,
            "u  USD 100.00: 90.00 available, 10.00 locked"
        ),
        (
            "payment_confirmed",
            #"{"user_id":"u","amount":25.5,"currency":"NEURO","type":"task_payment","#
                + #""related_task":"6ba7b810-9dad"}"#, "u  task_payment  25.50 NEURO  for task 6ba7b810"
        ),
    ])
    func tasksAndMoneyAreLines(type: String, data: String, line: String) throws {
        let fields = try RESTClient.decode(Array(data.utf8), as: EventPrinter.Fields.self)
        #expect(TaskEventLines.line(type, fields, nodes: [:]) == line)
    }
}
