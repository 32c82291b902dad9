import Grid
import Hub
import Testing

@testable import neurogrid_coordinator

/// What requests about tasks, money and nodes become, with a Hub that is played by the test.
@Suite("Routes", .timeLimit(.minutes(1)))
struct RoutesTests {
    private static let json = "Content-Type: application/json\r\n"
    private static let node = "0f8fad5b-d9cb-469f-a165-70867728950e"

    private static func summary(_ submission: TaskSubmission) -> TaskSummary {
        TaskSummary(
            record: TaskRecord(
                id: submission.task, number: 7, job: submission.job ?? "\(submission.task)", owner: submission.owner,
                specification: submission.specification, createdAt: Timestamp(milliseconds: 0)),
            progress: nil)
    }

    @Test("a submission reaches the Hub with its owner and key, and is answered with the task and its place")
    func submission() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let sent = try bench.request(
            "POST /api/v1/tasks", token: bench.sign("u", .taskSubmit), headers: Self.json + "Idempotency-Key: k1\r\n",
            body: #"{"runner":"selftest","arguments":{"path":"../../x; $(id)"},"job_id":"j"}"#)
        guard case .tasksSubmitted(let request, let submissions)? = sent.event else {
            Issue.record("no submission: \(sent.answer)")
            return
        }
        let submission = try #require(submissions.first)
        #expect(submissions.count == 1 && submission.owner == UserID("u") && submission.key == "k1")
        #expect(submission.job == "j" && submission.specification.runner == "selftest")
        #expect(submission.specification.arguments.first?.value == .text("../../x; $(id)"))
        let answer = bench.answer(request, .submitted([Self.summary(submission)]), to: sent.client)
        #expect(answer.hasPrefix("HTTP/1.1 201"))
        #expect(answer.contains("Location: /api/v1/tasks/\(submission.task)\r\n"))
        #expect(answer.contains("\"task_number\":7") && !answer.contains("\"tasks\":"))
    }

    @Test("a job's tasks have one job, and keys of their own")
    func job() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let body = #"{"tasks":[{"runner":"a"},{"runner":"b"}]}"#
        func submit(_ body: String, key: String?) throws -> (client: RawClient, request: RequestID, [TaskSubmission])? {
            let name = key.map { "Idempotency-Key: \($0)\r\n" } ?? ""
            let sent = try bench.request(
                "POST /api/v1/jobs", token: bench.sign("u", .taskSubmit), headers: Self.json + name, body: body)
            guard case .tasksSubmitted(let request, let submissions)? = sent.event else { return nil }
            return (sent.client, request, submissions)
        }
        let first = try #require(try submit(body, key: "k"))
        #expect(first.2.map(\.key) == ["k#1", "k#2"])
        #expect(first.2[0].job != nil && first.2[0].job == first.2[1].job && first.2[0].task != first.2[1].task)
        let answer = bench.answer(first.request, .submitted(first.2.map(Self.summary)), to: first.client)
        #expect(answer.hasPrefix("HTTP/1.1 201") && answer.contains("\"tasks\":["))
        // The same request is the same job, said otherwise as well; another one is another, as are two without a key.
        let again = try #require(
            try submit(#"{"job_id":null, "tasks":[{"runner":"a","priority":5},{"runner":"b"}]}"#, key: "k"))
        #expect(again.2[0].job == first.2[0].job)
        #expect(try submit(#"{"tasks":[{"runner":"a"}]}"#, key: "k")?.2[0].job != first.2[0].job)
        #expect(try submit(body, key: "l")?.2[0].job != first.2[0].job)
        let keyless = try #require(try submit(body, key: nil))
        #expect(keyless.2[0].key == nil)
        #expect(try submit(body, key: nil)?.2[0].job != keyless.2[0].job)
    }

    @Test(
        "Bad input is refused with its code before the Hub hears of it",
        arguments: [
            ("POST /api/v1/tasks", json, #"{"runner":"a","gpus":1}"#, 400, "BAD_REQUEST", "gpus"),
            ("POST /api/v1/tasks", json, #"{"runner":"a","priority":"high"}"#, 400, "BAD_REQUEST", "priority"),
            ("POST /api/v1/tasks", json, #"{"runner":"a","currency":"EUR"}"#, 400, "BAD_REQUEST", "currency"),
            ("POST /api/v1/tasks", json, "{", 400, "BAD_REQUEST", "JSON"),
            ("POST /api/v1/tasks", "", #"{"runner":"a"}"#, 415, "UNSUPPORTED_MEDIA_TYPE", "application/json"),
            ("POST /api/v1/tasks", json + "Idempotency-Key: a b\r\n", #"{"runner":"a"}"#, 400, "BAD_REQUEST", "Key"),
            ("POST /api/v1/jobs", json, #"{"tasks":[{"runner":"a"},{}]}"#, 400, "BAD_REQUEST", "tasks[1].runner"),
            ("GET /api/v1/tasks?state=done", "", "", 400, "BAD_REQUEST", "state"),
            ("GET /api/v1/tasks?limit=0", "", "", 400, "BAD_REQUEST", "limit"),
            ("GET /api/v1/tasks?limit=5&limit=6", "", "", 400, "BAD_REQUEST", "limit"),
            ("GET /api/v1/tasks?cursor=-1", "", "", 400, "BAD_REQUEST", "cursor"),
            ("GET /api/v1/tasks?node=n", "", "", 400, "BAD_REQUEST", "node"),
            ("GET /api/v1/tasks?user_id=other", "", "", 403, "FORBIDDEN", "admin"),
            ("GET /api/v1/tasks/abc", "", "", 404, "NOT_FOUND", "task"),
            ("GET /api/v1/tasks/+7", "", "", 404, "NOT_FOUND", "task"),
            ("GET /api/v1/tasks/7/log?from=x", "", "", 400, "BAD_REQUEST", "from"),
            ("GET /api/v1/users/other/balances", "", "", 404, "NOT_FOUND", "user"),
            ("POST /api/v1/nodes/\(node)/drain", "", "", 403, "FORBIDDEN", "admin"),
            ("POST /api/v1/nodes/\(node)/quarantine", "", "", 403, "FORBIDDEN", "admin"),
            ("GET /api/v1/trust", "", "", 403, "FORBIDDEN", "admin"),
            ("GET /api/v1/nowhere", "", "", 404, "NOT_FOUND", "path"),
        ])
    func badInput(
        _ line: String, _ headers: String, _ body: String, _ status: Int, _ code: String, _ word: String
    ) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let sent = try bench.request(line, token: bench.sign("u", .taskSubmit), headers: headers, body: body)
        #expect(sent.event == nil)
        #expect(sent.answer.hasPrefix("HTTP/1.1 \(status)"), "\(sent.answer)")
        #expect(sent.answer.contains("\"code\":\"\(code)\"") && sent.answer.contains(word), "\(sent.answer)")
    }

    @Test("A method that a path does not have is refused with those it has", arguments: Route.allCases)
    func methods(_ route: Route) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let path = route.rawValue.replacing("{node_id}", with: Self.node).replacing("{task_id}", with: "7")
            .replacing("{job_id}", with: "j").replacing("{user_id}", with: "u").replacing("{alert_id}", with: Self.node)
        let sent = try bench.request("PATCH \(path)", token: bench.sign("u", .admin))
        #expect(sent.event == nil && sent.answer.hasPrefix("HTTP/1.1 405"), "\(sent.answer)")
        #expect(sent.answer.contains("Allow: \(route.methods.joined(separator: ", "))\r\n"))
    }

    @Test("What needs a permission needs a token first", arguments: Route.allCases)
    func tokens(_ route: Route) throws {
        // The dialect's requests need an API key.
        let open: Set<Route> = [
            .liveness, .readiness, .openAPI, .triggerXHealth, .events, .triggerXTasks, .triggerXExecution, .triggerXFee,
        ]
        let documents: Set<Route> = [.asyncAPI, .apiPage, .securityPage]
        guard !open.union(documents).contains(route) else { return }
        let bench = try EdgeBench { $0.publicStatistics = false }
        defer { bench.close() }
        let path = route.rawValue.replacing("{node_id}", with: Self.node).replacing("{task_id}", with: "7")
            .replacing("{job_id}", with: "j").replacing("{user_id}", with: "u").replacing("{alert_id}", with: Self.node)
        for method in route.methods where method != "HEAD" {
            let none = try bench.request("\(method) \(path)", headers: Self.json, body: "{}")
            #expect(none.answer.hasPrefix("HTTP/1.1 401") && none.answer.contains("WWW-Authenticate: Bearer"))
            // Everybody has balances, and may see how the channels are; this one may read analytics.
            let anybodys: Set<Route> = [.balances, .analytics, .channelStatus, .channels, .channel]
            guard !anybodys.contains(route) else { continue }
            let other = try bench.request(
                "\(method) \(path)", token: bench.sign("u", .analyticsRead), headers: Self.json, body: "{}")
            #expect(other.event == nil && other.answer.hasPrefix("HTTP/1.1 403"), "\(method) \(path): \(other.answer)")
        }
    }

    @Test("Lists ask for what their parameters say")
    func lists() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let own = try bench.request(
            "GET /api/v1/tasks?state=running,failed&job=a%2Fb&limit=7&cursor=19&user_id=u",
            token: bench.sign("u", .taskSubmit))
        var filter = TaskFilter()
        filter.states = [.running, .failed]
        filter.job = "a/b"
        let asker = Asker(user: UserID("u"), isAdmin: false)
        #expect(own.query == .tasks(filter, limit: 7, before: 19, asker))
        let all = try bench.request("GET /api/v1/tasks?user_id=u", token: bench.sign("root", .admin))
        var owned = TaskFilter()
        owned.owner = UserID("u")
        let admin = Asker(user: UserID("root"), isAdmin: true)
        #expect(all.query == .tasks(owned, limit: 100, before: nil, admin))
        let jobs = try bench.request("GET /api/v1/jobs?cursor=x%20y", token: bench.sign("u", .taskSubmit))
        #expect(jobs.query == .jobs(limit: 100, after: "x y", asker))
        let job = try bench.request("GET /api/v1/jobs/..%2Fx", token: bench.sign("u", .taskSubmit))
        #expect(job.query == .job("../x", asker))
        let balances = try bench.request("GET /api/v1/users/u/balances", token: bench.sign("u", []))
        #expect(balances.query == .balances(UserID("u"), asker))
        let foreign = try bench.request("GET /api/v1/users/u/balances", token: bench.sign("root", .admin))
        #expect(foreign.query == .balances(UserID("u"), admin))
    }

    @Test("One task by either name; another's and none look alike; its result alone; its end by either way")
    func tasks() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let (token, asker) = (bench.sign("u", .taskSubmit), Asker(user: UserID("u"), isAdmin: false))
        let byNumber = try bench.request("GET /api/v1/tasks/7", token: token)
        #expect(byNumber.query == .task(.number(7), asker))
        let request = try #require(byNumber.requestID)
        #expect(bench.answer(request, .task(nil), to: byNumber.client).hasPrefix("HTTP/1.1 404"))
        let id = try #require(TaskID(Self.node))
        #expect(try bench.request("GET /api/v1/tasks/\(id)", token: token).query == .task(.id(id), asker))
        let result = try bench.request("GET /api/v1/tasks/7/result", token: token)
        let submission = TaskSubmission(
            task: id, owner: UserID("u"),
            specification: TaskSpecification(
                runner: "a", resources: ResourceRequest(gpu: .none), timeoutSeconds: 1))
        let text = bench.answer(
            try #require(result.requestID), .task(Self.summary(submission)), to: result.client)
        #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("\"result\":null") && !text.contains("runner"))
        for line in ["DELETE /api/v1/tasks/7", "POST /api/v1/tasks/7/cancel"] {
            let cancelled = try bench.request(line, token: token)
            guard case .taskCancelRequested(let request, .number(7), asker)? = cancelled.event else {
                Issue.record("\(line): \(cancelled.answer)")
                return
            }
            let refused = bench.answer(
                request, .refused(Refusal(.notCancellable, "it has ended")), to: cancelled.client)
            #expect(refused.hasPrefix("HTTP/1.1 409") && refused.contains("NOT_CANCELLABLE"))
        }
    }

    @Test(
        "Refusals of the Hub have their statuses",
        arguments: [
            (Refusal.Code.insufficientBalance, 402), (.idempotencyConflict, 409), (.impossibleRequest, 422),
            (.unknownRunner, 422), (.tooManyTasks, 429), (.unavailable, 503),
        ])
    func refusals(_ code: Refusal.Code, _ status: Int) throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let sent = try bench.request(
            "POST /api/v1/tasks", token: bench.sign("u", .taskSubmit), headers: Self.json, body: #"{"runner":"a"}"#)
        let answer = bench.answer(try #require(sent.requestID), .refused(Refusal(code, "no")), to: sent.client)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)") && answer.contains(code.rawValue))
    }

    @Test("While the disk is full nothing is promised, and reads go on")
    func fullDisk() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        bench.edge.shared.readiness.setStalled(true)
        let token = bench.sign("root", .admin)
        for (line, body) in [
            ("POST /api/v1/tasks", #"{"runner":"a"}"#), ("POST /api/v1/jobs", #"{"tasks":[{"runner":"a"}]}"#),
            ("DELETE /api/v1/tasks/7", ""), ("POST /api/v1/jobs/j/cancel", ""),
            ("POST /api/v1/alerts", #"{"message":"m"}"#), ("POST /api/v1/predictions", #"{"status":"failed"}"#),
            ("POST /api/v1/alerts/\(Self.node)/acknowledge", ""),
            ("POST /api/v1/nodes/\(Self.node)/drain", ""), ("POST /api/v1/nodes/\(Self.node)/quarantine", ""),
        ] {
            let sent = try bench.request(line, token: token, headers: Self.json, body: body)
            #expect(sent.event == nil && sent.answer.hasPrefix("HTTP/1.1 503"), "\(line): \(sent.answer)")
        }
        #expect(try bench.request("GET /api/v1/tasks", token: token).event != nil)
        bench.edge.shared.readiness.set(true)
        let path = "GET /api/v1/websocket/status"
        #expect(try bench.request(path, token: token).answer.contains(#""status":"unhealthy""#))
        bench.edge.shared.readiness.setStalled(false)
        #expect(try bench.request(path, token: token).answer.contains(#""status":"healthy""#))
        bench.edge.shared.readiness.set(false)
        #expect(try bench.request(path, token: token).answer.contains(#""status":"draining""#))
    }

    @Test("Administrators drain, keep out and let in, by name")
    func nodes() throws {
        let bench = try EdgeBench()
        defer { bench.close() }
        let (token, node) = (bench.sign("root", .admin), try #require(NodeID(Self.node)))
        for (word, drains) in [("drain", true), ("undrain", false)] {
            let sent = try bench.request("POST /api/v1/nodes/\(node)/\(word)", token: token)
            guard case .nodeDrainRequested(_, node, drains: drains, by: UserID("root"))? = sent.event else {
                Issue.record("\(word): \(sent.answer)")
                return
            }
        }
        let kept = try bench.request(
            "POST /api/v1/nodes/\(node)/quarantine", token: token, headers: Self.json, body: #"{"detail":"smells"}"#)
        guard case .nodeQuarantineRequested(_, node, true, "smells", UserID("root"))? = kept.event else {
            Issue.record("quarantine: \(kept.answer)")
            return
        }
        let bad = try bench.request(
            "POST /api/v1/nodes/\(node)/quarantine", token: token, headers: Self.json, body: #"{"why":"smells"}"#)
        #expect(bad.answer.hasPrefix("HTTP/1.1 400") && bad.answer.contains("why"))
        let released = try bench.request("POST /api/v1/nodes/\(node)/release", token: token)
        guard case .nodeQuarantineRequested(_, node, false, "", UserID("root"))? = released.event else {
            Issue.record("release: \(released.answer)")
            return
        }
        #expect(
            bench.answer(try #require(released.requestID), .node(nil), to: released.client).hasPrefix("HTTP/1.1 404"))
    }
}
