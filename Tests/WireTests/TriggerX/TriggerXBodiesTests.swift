import Grid
import Testing

@testable import Wire

@Suite("TriggerX dialect: requests' bodies")
struct TriggerXBodiesTests {
    private func refusal<Value>(
        _ text: String, _ read: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> WireError {
        let error = try #require(throws: WireError.self, "\(text)") { try text.withRaw { try read($0) } }
        #expect(error.refusal.code == .badRequest, "\(text)")
        return error
    }

    @Test(
        "A wish's faults name their field",
        arguments: [
            ("", ""), ("[]", ""), ("{}", "job_id"), ("{\"job_id\":null}", "job_id"), ("{\"job_id\":\"\"}", "job_id"),
            ("{\"job_id\":[]}", "job_id"), ("{\"job_id\":-1}", "job_id"), ("{\"job_id\":1.5}", "job_id"),
            ("{\"job_id\":\"j\",\"task_definition_id\":\"7\"}", "task_definition_id"),
            ("{\"job_id\":\"j\",\"task_definition_id\":-7}", "task_definition_id"),
            ("{\"job_id\":\"j\",\"is_imua\":0}", "is_imua"),
        ])
    func wishes(text: String, field: String) throws {
        #expect(try refusal(text, TriggerXCodec.wish).field == field)
    }

    @Test("A job may be named by a number, and the rest may be left out")
    func leastWish() throws {
        let wish = try "{\"job_id\":456,\"more\":{}}".withRaw { try TriggerXCodec.wish($0) }
        #expect(wish == TriggerXWish(job: "456", taskDefinitionID: nil, isIMUA: false))
    }

    @Test(
        "A fee is a number that is not negative",
        arguments: ["{}", "{\"fee\":null}", "{\"fee\":\"1\"}", "{\"fee\":-0.1}", "{\"fee\":1e40}"])
    func fees(_ text: String) throws { #expect(try refusal(text, TriggerXCodec.fee).field == "fee") }

    @Test(
        "A report's faults name their field",
        arguments: [
            ("{}", ""), ("{\"other\":1}", ""), ("{\"execution_tx_hash\":null}", ""), ("{\"status\":null}", ""),
            ("{\"status\":\"pending\"}", "status"), ("{\"status\":\"cancelled\"}", "status"),
            ("{\"status\":1}", "status"), ("{\"task_performer_id\":\"3\"}", "task_performer_id"),
            ("{\"task_performer_id\":1.5}", "task_performer_id"), ("{\"execution_tx_hash\":7}", "execution_tx_hash"),
            ("{\"execution_timestamp\":\"yesterday\"}", "execution_timestamp"),
            ("{\"execution_timestamp\":7}", "execution_timestamp"), ("{\"task_opx_cost\":\"1\"}", "task_opx_cost"),
            ("{\"task_attester_ids\":7}", "task_attester_ids"),
            ("{\"task_attester_ids\":[1,\"2\"]}", "task_attester_ids"),
            ("{\"task_attester_ids\":[[1]]}", "task_attester_ids"), ("{\"is_accepted\":1}", "is_accepted"),
        ])
    func reports(text: String, field: String) throws {
        #expect(try refusal(text, TriggerXCodec.report).field == field)
    }

    @Test("Attesters are bounded, and null is not said")
    func attesters() throws {
        func report(_ count: Int) throws -> TriggerXReport {
            let numbers = (0..<count).map { "\($0)" }.joined(separator: ",")
            return try "{\"task_attester_ids\":[\(numbers)],\"status\":null}".withRaw { try TriggerXCodec.report($0) }
        }
        let most = try report(Limits.executionAttesters)
        #expect(most.state == nil && most.execution.fields.map(\.key) == [.attesters])
        #expect(throws: WireError.self) { try report(Limits.executionAttesters + 1) }
    }
}
