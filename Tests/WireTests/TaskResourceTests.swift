import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Tasks, jobs, money and trust as they are shown")
struct TaskResourceTests {
    @Test("Golden bodies", arguments: TaskResourceGoldens.bodies.map(\.name))
    func bodies(_ name: String) throws {
        let write = try #require(TaskResourceGoldens.bodies.first { $0.name == name }?.write)
        #expect(try written(write) == Goldens.text("rest/" + name))
    }

    @Test("Pages say where the next begins, by a text")
    func cursors() {
        #expect(written { RESTCodec.tasks([], next: 17, into: &$0) } == #"{"tasks":[],"next_cursor":"17"}"#)
        #expect(written { RESTCodec.tasks([], next: nil, into: &$0) } == #"{"tasks":[],"next_cursor":null}"#)
        #expect(written { RESTCodec.jobs([], next: nil, into: &$0) } == #"{"jobs":[],"next_cursor":null}"#)
    }

    @Test("A page and a job's answer hold the same tasks as their own pages")
    func lists() {
        let alone = written { RESTCodec.task(TaskResourceGoldens.running, into: &$0) }
        let page = written { RESTCodec.tasks([TaskResourceGoldens.running], next: nil, into: &$0) }
        #expect(page == "{\"tasks\":[\(alone)],\"next_cursor\":null}")
        let submitted = written { RESTCodec.submitted([TaskResourceGoldens.running], into: &$0) }
        #expect(submitted == "{\"job_id\":\"\(TaskResourceGoldens.waitingTask)\",\"tasks\":[\(alone)]}")
    }

    @Test("Before its end a task has no result")
    func noResult() {
        let text = written { RESTCodec.result(of: TaskResourceGoldens.running, into: &$0) }
        let start = "{\"task_id\":\"\(TaskResourceGoldens.waitingTask)\",\"status\":\"running\""
        #expect(text == start + ",\"result\":null,\"cost\":null}")
    }

    @Test("The dearest amounts are whole")
    func amounts() {
        let most = Balance(currency: .usd, availableMicros: Limits.balanceMicros, lockedMicros: 0)
        let text = written { RESTCodec.balances([most], of: UserID("u"), into: &$0) }
        #expect(text.contains(#""total":1000000000000"#))
    }
}
