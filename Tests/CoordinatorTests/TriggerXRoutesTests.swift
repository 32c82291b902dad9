import Access
import Grid
import Hub
import Reactor
import Testing
import Wire

@testable import neurogrid_coordinator

@Suite("TriggerX requests", .timeLimit(.minutes(1)))
struct TriggerXRoutesTests {
    private static let json = "Content-Type: application/json\r\n"

    private func headers(_ bench: EdgeBench, user: String = "anna") -> String {
        let (key, id) = (APIKey.mint(), APIKeyID(UUID128(high: 9, low: 1)))
        bench.edge.shared.apiKeys.set(
            APIKeyRecord(id: id, digest: key.digest, owner: UserID(user), createdAt: Timestamp(milliseconds: 0)))
        // So that the Hub is told of nothing but the request.
        #expect(bench.edge.shared.apiKeys.notesUse(of: id, now: bench.edge.loop.now))
        return "X-Api-Key: \(key.text)\r\n\(Self.json)"
    }

    private func task(_ state: TaskState = .pending) -> TaskSummary {
        var record = TaskRecord(
            id: TaskID(UUID128(high: 1, low: 2)), number: 17, job: "j", owner: UserID("anna"),
            specification: TaskSpecification(
                runner: "", resources: ResourceRequest(gpu: .none), timeoutSeconds: 60),
            createdAt: Timestamp(milliseconds: 0))
        record.state = state
        return TaskSummary(record: record, progress: nil)
    }

    @Test("A task without a runner here is an external one of the key's owner, and answered with 201")
    func submission() throws {
        let bench = try EdgeBench { $0.taskDefinitions = [5: "trainer"] }
        defer { bench.close() }
        let headers = headers(bench)
        let cases: [(String, String, Int64?)] = [
            (#"{"job_id":"j","task_definition_id":789,"is_imua":true}"#, "", 789), (#"{"job_id":"j"}"#, "", nil),
            (#"{"job_id":"j","task_definition_id":5}"#, "trainer", 5),
        ]
        for (body, runner, definition) in cases {
            let sent = try bench.request("POST /api/tasks", headers: headers + "Idempotency-Key: k\r\n", body: body)
            guard case .tasksSubmitted(let request, let wishes)? = sent.event, let wish = wishes.first else {
                Issue.record("\(sent)")
                return
            }
            #expect(wishes.count == 1 && wish.owner == UserID("anna") && wish.job == "j" && wish.key == "k")
            #expect(wish.specification.runner == runner && wish.specification.resources.runner == runner)
            #expect(wish.specification.taskDefinitionID == definition)
            #expect(wish.specification.isIMUA == body.contains("true"))
            let answer = bench.answer(request, .submitted([task()]), to: sent.client)
            #expect(answer.hasPrefix("HTTP/1.1 201") && answer.contains(#"{"task_id":17,"task_uuid":""#), "\(answer)")
        }
    }

    @Test("A fee and a report go to the Hub as the key's owner's")
    func changes() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let headers = headers(bench)
        let asker = Asker(user: UserID("anna"), isAdmin: false)
        let fee = try bench.request("PUT /api/tasks/17/fee", headers: headers, body: #"{"fee":0.5}"#)
        guard case .taskFeeSet(let request, .number(17), feeMicros: 500_000, asker)? = fee.event else {
            Issue.record("\(fee)")
            return
        }
        let answer = bench.answer(request, .task(task()), to: fee.client)
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains(#""task_id":17"#))
        let uuid = TaskID(UUID128(high: 1, low: 2))
        let told = try bench.request(
            "PUT /api/tasks/execution/\(uuid)", headers: headers, body: #"{"is_accepted":true,"status":"running"}"#)
        guard case .taskExecutionSet(let second, .id(uuid), let execution, state: .running, asker)? = told.event else {
            Issue.record("\(told)")
            return
        }
        #expect(execution.fields.map(\.key) == [.isAccepted])
        let refused = bench.answer(second, .refused(Refusal(.forbidden, "no")), to: told.client)
        #expect(refused.hasPrefix("HTTP/1.1 403"))
        #expect(refused.contains(#"{"type":"ERROR","data":{"code":"ACCESS_DENIED","message":"no"}"#), "\(refused)")
        #expect(refused.hasSuffix(#""error":{"code":"ACCESS_DENIED","message":"no"}}"#))
    }

    @Test(
        "Every request needs a key as its header",
        arguments: ["POST /api/tasks", "PUT /api/tasks/execution/7", "PUT /api/tasks/7/fee"])
    func keys(_ line: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let cases = [
            ("", "MISSING_API_KEY"), ("X-Api-Key: x\r\n", "INVALID_API_KEY"),
            ("X-Api-Key: \(APIKey.mint().text)\r\n", "INVALID_API_KEY"),
        ]
        for (header, code) in cases {
            let sent = try bench.request(
                line, token: bench.sign("root", .admin), headers: header + Self.json, body: "{}")
            #expect(sent.event == nil && sent.answer.hasPrefix("HTTP/1.1 401"), "\(sent.answer)")
            #expect(sent.answer.contains(#"{"type":"ERROR","data":{"code":"\#(code)""#), "\(sent.answer)")
        }
        #expect(
            try bench.request("\(line)?api_key=x", headers: Self.json, body: "{}").answer.contains("MISSING_API_KEY"))
    }

    @Test(
        "What is wrong with a request is told in the dialect's words",
        arguments: [
            ("POST /api/tasks", "{}", 400, "BAD_REQUEST"), ("PUT /api/tasks/7/fee", "{}", 400, "BAD_REQUEST"),
            ("PUT /api/tasks/x/fee", #"{"fee":1}"#, 404, "NOT_FOUND"),
            ("PUT /api/tasks/execution/-7", #"{"is_accepted":true}"#, 404, "NOT_FOUND"),
            ("PUT /api/tasks/execution/7", "{}", 400, "BAD_REQUEST"),
        ])
    func badRequests(_ line: String, _ body: String, _ status: Int, _ code: String) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let sent = try bench.request(line, headers: headers(bench), body: body)
        #expect(sent.answer.hasPrefix("HTTP/1.1 \(status)"), "\(sent.answer)")
        #expect(sent.answer.contains(#"{"type":"ERROR","data":{"code":"\#(code)""#), "\(sent.answer)")
    }

    @Test("Nothing is promised while the disk is full")
    func fullDisk() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        bench.edge.shared.readiness.setStalled(true)
        let headers = headers(bench)
        for (line, body) in [
            ("POST /api/tasks", #"{"job_id":"j"}"#), ("PUT /api/tasks/7/fee", #"{"fee":1}"#),
            ("PUT /api/tasks/execution/7", #"{"is_accepted":true}"#),
        ] {
            let sent = try bench.request(line, headers: headers, body: body)
            #expect(sent.answer.hasPrefix("HTTP/1.1 503") && sent.answer.contains("UNAVAILABLE"), "\(sent.answer)")
        }
        bench.edge.shared.readiness.set(true)
        #expect(try bench.request("GET /api/ws/health").answer.contains(#""status":"unhealthy""#))
        bench.edge.shared.readiness.setStalled(false)
        #expect(try bench.request("GET /api/ws/health").answer.contains(#""status":"healthy""#))
    }

    @Test("Statistics need a token where the operator says so, health never, and both count this dialect alone")
    func statistics() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        bench.edge.shared.roster(.triggerx).clientCame()
        bench.edge.shared.roster(.triggerx).subscribed("job:1")
        bench.edge.shared.roster(.qubix).clientCame()
        let answer = try bench.request("GET /api/ws/stats").answer
        #expect(
            answer.hasSuffix(
                #"{"status":"success","data":{"total_clients":1,"total_rooms":1,"rooms":{"job:1":1}}}"#))
        let forwarded = "X-Forwarded-For: 192.0.2.1\r\n"
        #expect(try bench.request("GET /api/ws/stats", headers: forwarded).answer.hasPrefix("HTTP/1.1 401"))
        let health = try bench.request("GET /api/ws/health", headers: forwarded).answer
        #expect(health.contains(#""status":"healthy""#))
        #expect(health.hasSuffix(#""websocket":{"active_connections":1,"active_rooms":1}}"#))
        bench.edge.shared.readiness.set(false)
        #expect(try bench.request("GET /api/ws/health").answer.contains(#""status":"unhealthy""#))
    }

    @Test("Beyond loopback statistics need an administrator's token unless the operator opens them; health never does")
    func statisticsElsewhere() throws {
        let everywhere = try #require(SocketAddress.parse("0.0.0.0:3001"))
        for (isPublic, status) in [(nil, 401), (true, 200), (false, 401)] as [(Bool?, Int)] {
            let bench = try EdgeBench {
                $0.listen = everywhere
                $0.publicStatistics = isPublic
            }
            defer { bench.close() }
            let answer = try bench.request("GET /api/ws/stats").answer
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer)")
            #expect(try bench.request("GET /api/ws/health").answer.hasPrefix("HTTP/1.1 200"))
        }
    }
}
