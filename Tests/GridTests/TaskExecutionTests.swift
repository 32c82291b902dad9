import Grid
import Testing

@Suite("What an outside party tells of a task")
struct TaskExecutionTests {
    private func execution(_ fields: (TaskExecution.Key, TaskExecution.Value)...) -> TaskExecution {
        var execution = TaskExecution()
        for (key, value) in fields { execution[key] = value }
        return execution
    }

    @Test("Fields keep their order, each is there once, and can be taken away")
    func fields() {
        var told = execution((.isSuccessful, .truth(true)), (.performer, .integer(3)), (.performer, .integer(4)))
        #expect(told.fields.map(\.key) == [.performer, .isSuccessful] && told[.performer] == .integer(4))
        #expect(told == execution((.performer, .integer(4)), (.isSuccessful, .truth(true))))
        told[.performer] = nil
        told[.isSuccessful] = nil
        #expect(told.isEmpty && told == TaskExecution())
    }

    @Test("What is told again has not changed")
    func merge() {
        var known = execution((.transaction, .text("a")), (.proof, .text("p")))
        let changed = known.merge(
            execution((.transaction, .text("b")), (.proof, .text("p")), (.attesters, .integers([1]))))
        #expect(changed == execution((.transaction, .text("b")), (.attesters, .integers([1]))))
        #expect(known[.proof] == .text("p") && known[.transaction] == .text("b") && known.fields.count == 3)
        let again = known.merge(changed)
        #expect(again.isEmpty)
    }

    @Test("Values have their ranges")
    func ranges() {
        let most = execution(
            (.performer, .integer(.max)), (.cost, .micros(Limits.balanceMicros)),
            (.transaction, .text(String(repeating: "x", count: Limits.executionHashBytes))),
            (.attesters, .integers(Array(repeating: 1, count: Limits.executionAttesters))))
        #expect(most.fault == nil && TaskExecution().fault == nil)
        let bad: [(TaskExecution.Key, TaskExecution.Value)] = [
            (.performer, .integer(-1)), (.cost, .micros(-1)), (.cost, .micros(Limits.balanceMicros + 1)),
            (.transaction, .text("")), (.transaction, .text("a\u{0}")),
            (.transaction, .text(String(repeating: "x", count: Limits.executionHashBytes + 1))),
            (.proof, .text(String(repeating: "x", count: Limits.executionProofBytes + 1))),
            (.performerSignature, .text(String(repeating: "x", count: Limits.executionSignatureBytes + 1))),
            (.attesters, .integers([1, -1])),
            (.attesters, .integers(Array(repeating: 1, count: Limits.executionAttesters + 1))),
        ]
        for (key, value) in bad { #expect(execution((.isAccepted, .truth(true)), (key, value)).fault == key) }
    }

    @Test("Its size is counted")
    func size() {
        let text = String(repeating: "x", count: 1000)
        #expect(TaskExecution().approximateByteCount == 0)
        #expect(execution((.proof, .text(text)), (.attesters, .integers([1, 2]))).approximateByteCount > 1000)
    }
}
