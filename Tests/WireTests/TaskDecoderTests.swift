import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Tasks as they are submitted")
struct TaskDecoderTests {
    private func task(_ text: String) -> Result<TaskWish, WireError> {
        text.withRaw { bytes in Result { () throws(WireError) in try RESTCodec.task(bytes) } }
    }

    private func job(_ text: String) -> Result<JobWish, WireError> {
        text.withRaw { bytes in Result { () throws(WireError) in try RESTCodec.job(bytes) } }
    }

    /// The task with these members beside its runner.
    private func with(_ members: String) -> Result<TaskWish, WireError> { task("{\"runner\":\"selftest\",\(members)}") }

    private func expectFault<Wish>(_ result: Result<Wish, WireError>, at field: String) {
        guard case .failure(let error) = result else {
            Issue.record("what is wrong at \(field) was taken")
            return
        }
        #expect(error.field == field, "\(error.refusal.message)")
        #expect(error.refusal.code == .badRequest)
        #expect(error.refusal.message.hasPrefix(field))
    }

    @Test("The documented bodies, and the least ones")
    func bodies() throws {
        #expect(try task(Goldens.text("rest/task_submission")).get() == TaskResourceGoldens.wish)
        #expect(try job(Goldens.text("rest/job_submission")).get() == TaskResourceGoldens.jobWish)
        let least = TaskWish(job: nil, specification: TaskResourceGoldens.least)
        #expect(try task(#"{"runner":"selftest"}"#).get() == least)
        let nothing = TaskKey.allCases.filter { $0 != .runner }.map { "\"\($0.name)\":null" }
        #expect(try with(nothing.joined(separator: ",")).get() == least)
        #expect(try job(#"{"tasks":[{"runner":"selftest"}]}"#).get().job == nil)
    }

    @Test("What the values mean")
    func values() throws {
        #expect(try with(#""gpu_milli":250"#).get().specification.resources.gpu == .share(milli: 250))
        #expect(try with(#""gpu_count":8"#).get().specification.resources.gpu == .whole(8))
        #expect(try with(#""gpu_count":0"#).get().specification.resources.gpu == .none)
        #expect(try with(#""price_cap":0.123456"#).get().specification.resources.priceCapMicros == 123_456)
        #expect(try with(#""input":[1, {"a" : null}]"#).get().specification.input == #"[1, {"a" : null}]"#)
        #expect(try with(#""currency":"NEURO""#).get().specification.currency == .neuro)
        let arguments = try with(#""arguments":{"z":1,"a":true,"m_1":"é\n"}"#).get().specification.arguments
        #expect(arguments.map(\.name) == ["a", "m_1", "z"])
        #expect(arguments.map(\.value) == [.boolean(true), .text("é\n"), .integer(1)])
    }

    @Test(
        "Letters that mean something to a shell or a path are letters",
        arguments: ["../../etc/passwd", "; rm -rf /", "$(reboot)", "`id`", "--flag", "| tee x", "%s%n", "~", "*"])
    func metacharacters(_ text: String) throws {
        let wish = try with("\"arguments\":{\"path\":\"\(text)\"},\"region\":\"\(text)\",\"job_id\":\"\(text)\"").get()
        #expect(wish.specification.arguments.first?.value == .text(text))
        #expect(wish.specification.resources.region == text)
        #expect(wish.job == text)
    }

    @Test(
        "Whatever is wrong is refused with the field's path",
        arguments: [
            (#""runners":1"#, "\"runners\""), (#""priority":3,"priority":3"#, "priority"),
            (#""runner":"selftest""#, "runner"), (#""arguments":[]"#, "arguments"), (#""arguments":"x""#, "arguments"),
            (#""arguments":{"a":null}"#, "arguments.a"), (#""arguments":{"a":1.5}"#, "arguments.a"),
            (#""arguments":{"a":9223372036854775808}"#, "arguments.a"), (#""arguments":{"a":[]}"#, "arguments.a"),
            (#""arguments":{"a":"\u0000"}"#, "arguments.a"), (#""arguments":{"a":1,"a":1}"#, "arguments.a"),
            (#""arguments":{"A":1}"#, "arguments.\"A\""), (#""arguments":{"a b":1}"#, "arguments.\"a b\""),
            (#""arguments":{"":1}"#, "arguments.\"\""), (#""arguments":{"\u0061":1}"#, "arguments.\"a\""),
            (#""gpu_count":65"#, "gpu_count"), (#""gpu_count":-1"#, "gpu_count"), (#""gpu_count":1.5"#, "gpu_count"),
            (#""gpu_count":"1""#, "gpu_count"), (#""gpu_milli":0"#, "gpu_milli"), (#""gpu_milli":1000"#, "gpu_milli"),
            (#""gpu_count":1,"gpu_milli":1"#, "gpu_milli"), (#""gpu_count":0,"gpu_milli":1"#, "gpu_milli"),
            (#""gpu_models":["a"]"#, "gpu_models"), (#""gpu_count":1,"gpu_models":"a""#, "gpu_models"),
            (#""gpu_count":1,"gpu_models":[""]"#, "gpu_models"), (#""gpu_count":1,"gpu_models":[1]"#, "gpu_models"),
            (#""gpu_count":1,"gpu_models":[null]"#, "gpu_models"), (#""vram_mib":1"#, "vram_mib"),
            (#""gpu_count":1,"vram_mib":2147483648"#, "vram_mib"), (#""cpu_milli":-1"#, "cpu_milli"),
            (#""memory_mib":true"#, "memory_mib"), (#""region":"""#, "region"), (#""region":"\u0000""#, "region"),
            (#""region":5"#, "region"), (#""price_cap":-0.01"#, "price_cap"),
            (#""price_cap":1000.000001"#, "price_cap"),
            (#""price_cap":"1""#, "price_cap"), (#""price_cap":1e30"#, "price_cap"), (#""priority":11"#, "priority"),
            (#""priority":-1"#, "priority"), (#""timeout_seconds":0"#, "timeout_seconds"),
            (#""timeout_seconds":3888001"#, "timeout_seconds"), (#""attempts":0"#, "attempts"),
            (#""attempts":21"#, "attempts"), (#""gang_size":0"#, "gang_size"), (#""gang_size":1025"#, "gang_size"),
            (#""currency":"usd""#, "currency"), (#""currency":"TOOLONGCODE""#, "currency"),
            (#""currency":1"#, "currency"),
            (#""job_id":"""#, "job_id"), (#""job_id":"a\nb""#, "job_id"), (#""job_id":7"#, "job_id"),
            (#""model":"\u0000""#, "model"), (#""estimated_duration":0"#, "estimated_duration"),
            (#""task_definition_id":-1"#, "task_definition_id"), (#""is_imua":"yes""#, "is_imua"),
        ])
    func faults(_ members: String, _ field: String) { expectFault(with(members), at: field) }

    @Test(
        "Runners have plain names",
        arguments: ["\"\"", "\"a b\"", "\"../x\"", "\"a/b\"", "\"é\"", "\"a\\u0000\"", "1", "[]", "{}"])
    func runners(_ name: String) { expectFault(task("{\"runner\":\(name)}"), at: "runner") }

    @Test(
        "What is no body is none",
        arguments: ["", "{", "[]", "null", "7", "\"x\"", #"{"runner":"a"} x"#, #"{"runner":"a",}"#, "\u{FEFF}{}"])
    func noBodies(_ text: String) { expectFault(task(text), at: "") }

    @Test("A job says which of its tasks is at fault")
    func jobs() {
        expectFault(task("{}"), at: "runner")
        expectFault(job("{}"), at: "tasks")
        expectFault(job(#"{"tasks":[]}"#), at: "tasks")
        expectFault(job(#"{"tasks":null}"#), at: "tasks")
        expectFault(job(#"{"tasks":{}}"#), at: "tasks")
        expectFault(job(#"{"tasks":[7]}"#), at: "tasks[0]")
        expectFault(job(#"{"tasks":[null]}"#), at: "tasks[0]")
        expectFault(job(#"{"tasks":[{"runner":"a"},{}]}"#), at: "tasks[1].runner")
        expectFault(job(#"{"tasks":[{"runner":"a"},{"runner":"b","arguments":{"x":[]}}]}"#), at: "tasks[1].arguments.x")
        expectFault(job(#"{"tasks":[{"runner":"a","job_id":"j"}]}"#), at: "tasks[0].job_id")
        expectFault(job(#"{"tasks":[{"runner":"a"}],"tasks":[{"runner":"a"}]}"#), at: "tasks")
        expectFault(job(#"{"job_id":"a","job_id":"b","tasks":[{"runner":"a"}]}"#), at: "job_id")
        expectFault(job(#"{"tasks":[{"runner":"a"}],"priority":3}"#), at: "\"priority\"")
    }

    @Test("Texts and lists are held to their limits, to the byte")
    func limits() {
        func text(_ count: Int) -> String { "\"\(String(repeating: "x", count: count))\"" }
        func isTaken<Wish>(_ result: Result<Wish, WireError>) -> Bool { (try? result.get()) != nil }
        let arguments = { (count: Int) in (0..<count).map { "\"a\($0)\":1" }.joined(separator: ",") }
        for (extra, isRight) in [(0, true), (1, false)] {
            #expect(isTaken(task("{\"runner\":\(text(Limits.runnerNameBytes + extra))}")) == isRight)
            #expect(isTaken(with("\"region\":\(text(Limits.regionBytes + extra))")) == isRight)
            #expect(isTaken(with("\"job_id\":\(text(Limits.jobIDBytes + extra))")) == isRight)
            #expect(isTaken(with("\"model\":\(text(Limits.factBytes + extra))")) == isRight)
            #expect(isTaken(with("\"input\":\(text(Limits.taskInputBytes - 2 + extra))")) == isRight)
            #expect(isTaken(with("\"arguments\":{\"a\":\(text(Limits.argumentTextBytes + extra))}")) == isRight)
            #expect(isTaken(with("\"arguments\":{\(text(Limits.argumentNameBytes + extra)):1}")) == isRight)
            #expect(isTaken(with("\"arguments\":{\(arguments(Limits.taskArguments + extra))}")) == isRight)
            let models = Array(repeating: "\"a\"", count: Limits.filterValues + extra).joined(separator: ",")
            #expect(isTaken(with("\"gpu_count\":1,\"gpu_models\":[\(models)]")) == isRight)
            let tasks = Array(repeating: #"{"runner":"a"}"#, count: Limits.tasksPerRequest + extra)
            #expect(isTaken(job("{\"tasks\":[\(tasks.joined(separator: ","))]}")) == isRight)
        }
    }

    @Test("Nesting is bounded")
    func depth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect((try? with("\"input\":\(nested(Limits.taskValueDepth))").get()) != nil)
        expectFault(with("\"input\":\(nested(Limits.taskValueDepth + 1))"), at: "input")
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        expectFault(with("\"input\":\(deep)"), at: "")
        expectFault(job("{\"tasks\":[{\"runner\":\"a\",\"input\":\(deep)}]}"), at: "")
    }
}
