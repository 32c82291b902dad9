import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: events about tasks and money")
struct NativeTaskEventsTests {
    private func keys(_ name: String, _ path: String...) throws -> [String] {
        let tree = try JSONTree(Goldens.text("native/" + name))
        guard case .object(let members)? = tree[path.map { Optional($0) }[...]] else { return [] }
        return members.map(\.key)
    }

    @Test("Documented fields come first, in the documents' order")
    func fieldOrder() throws {
        #expect(
            try keys("task_update", "data").prefix(7)
                == ["task_id", "status", "previous_status", "node_id", "updated_at", "result", "cost"])
        #expect(
            try keys("task_update", "data", "result").prefix(3) == ["output", "tokens_used", "processing_time"])
        #expect(try keys("task_update", "data", "cost") == ["amount", "currency"])
        #expect(
            try keys("task_progress", "data").prefix(5)
                == ["task_id", "progress", "stage", "eta_seconds", "message"])
        #expect(
            try keys("task_assigned", "data").prefix(7)
                == ["task_id", "node_id", "user_id", "model", "priority", "estimated_duration", "assigned_at"])
        #expect(try keys("balance_update", "data") == ["user_id", "balances", "updated_at"])
        #expect(try keys("balance_update", "data", "balances", "USD") == ["total", "available", "locked"])
        #expect(
            try keys("payment_confirmed", "data")
                == ["transaction_id", "user_id", "amount", "currency", "type", "related_task", "confirmed_at"])
    }

    private func text(_ event: RoomEvent) -> String {
        written { NativeCodec.encode(NativeGoldens.logged(event, offset: 1), into: &$0) }
    }

    @Test("Every event is one line of JSON, whatever its output looks like", arguments: 0..<4 as Range<UInt64>)
    func oneLine(seed: UInt64) throws {
        var generator = Seeded(seed)
        for _ in 0..<50 {
            var event = TaskGoldens.completed
            event.result?.output = TaskMaker.value(using: &generator)
            event.result?.message = TaskMaker.text(Limits.taskMessageBytes, using: &generator)
            let text = text(.taskUpdated(event))
            #expect(!text.utf8.contains { $0 == 0x0A || $0 == 0x0D })
            let output = try JSONTree(text)[["data", "result", "output"]]
            #expect(try output == JSONTree(event.result?.output ?? ""))
        }
    }

    @Test("What is not known is null")
    func unknown() throws {
        var assigned = TaskGoldens.assigned
        assigned.model = nil
        assigned.estimatedDurationSeconds = nil
        #expect(text(.taskAssigned(assigned)).contains("\"model\":null,\"priority\":5,\"estimated_duration\":null"))
        var progressed = TaskGoldens.progressed
        progressed.progress = ProgressReport(sequence: 1, percent: 3)
        #expect(
            text(.taskProgressed(progressed)).contains(
                "\"progress\":3,\"stage\":null,\"eta_seconds\":null,\"message\":null"))
    }

    @Test("A fee that an outside party set is what the task costs")
    func fee() {
        var event = TaskGoldens.created
        event.kind = .fee
        event.feeMicros = 1
        #expect(text(.taskUpdated(event)).contains("\"cost\":{\"amount\":0.000001,\"currency\":\"USD\"}"))
    }

    @Test("Amounts are exact to the micro-unit, however large")
    func amounts() {
        var payment = TaskGoldens.payment
        payment.amountMicros = Limits.balanceMicros + 1
        payment.task = nil
        payment.kind = .deposit
        let text = text(.paymentConfirmed(payment))
        #expect(text.contains("\"amount\":1000000000000.000001,"))
        #expect(text.contains("\"type\":\"deposit\",\"related_task\":null"))
    }

    @Test("A user without an account yet has no balances")
    func noBalances() {
        var event = TaskGoldens.balances
        event.balances = []
        #expect(text(.balanceUpdated(event)).contains("\"balances\":{},\"updated_at\""))
    }
}
