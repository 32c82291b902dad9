internal import Grid
internal import Service

/// `tasks`: one's tasks, a line each, the newest first.
enum TasksCommand {
    static let command = Command(
        "tasks", summary: "List tasks, newest first.",
        flags: [
            Flag(
                "state", .choices(TaskState.allCases.map(\.name)), placeholder: "S,S", meaning: "in one of these states"
            ),
            Flag("job", .text(maximumBytes: Limits.jobIDBytes), placeholder: "J", meaning: "of that job"),
            Flag("node", .text(maximumBytes: 36), placeholder: "ID", meaning: "on that node"),
            Flag(
                "user", .text(maximumBytes: Limits.userIDBytes), placeholder: "U",
                meaning: "of that user; another's for an admin"),
            Flag("limit", .integer(1...1_000_000), placeholder: "N", meaning: "at most so many", defaultText: "100"),
        ])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let client = RESTClient(options: options)
        var left = Int(arguments.integer("limit") ?? 100)
        var table = TextTable(["NUMBER", "ID", "STATUS", "PROGRESS", "RUNNER", "NODE", "JOB", "COST", "CREATED"])
        var cursor: String?
        repeat {
            let body = try client.read(target(arguments, limit: min(left, 500), cursor: cursor))
            let page = try RESTClient.decode(body, as: TaskPage.self)
            if options.printsJSON { StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
            for task in page.tasks { table.add(row(task)) }
            left -= page.tasks.count
            cursor = page.nextCursor
        } while cursor != nil && left > 0
        if !options.printsJSON { StandardStream.output.write(table.text) }
    }

    /// What is asked for.
    static func target(_ arguments: Arguments, limit: Int, cursor: String?) -> String {
        var target = "/api/v1/tasks?limit=\(limit)"
        if let states = arguments.list("state"), !states.isEmpty { target += "&state=\(states.joined(separator: ","))" }
        let texts = [
            ("job", arguments.text("job")), ("node", arguments.text("node")), ("user_id", arguments.text("user")),
            ("cursor", cursor),
        ]
        for (name, text) in texts {
            if let text { target += "&\(name)=\(text.percentEncoded)" }
        }
        return target
    }

    private static func row(_ task: TaskView) -> [String] {
        [
            "\(task.taskNumber)", task.taskId, task.status, task.progress.map { "\($0)%" } ?? "–", task.runner ?? "–",
            task.nodeId.map { String($0.prefix(8)) } ?? "–", task.jobId == task.taskId ? "–" : task.jobId,
            task.cost.map { "\($0.amount.money) \($0.currency)" } ?? "–", task.createdAt,
        ]
    }
}

/// `task ID`: everything about one task.
enum TaskCommand {
    static let id = Positional("ID", .text(maximumBytes: 36), meaning: "the task's id or number")
    static let command = Command("task", summary: "Show one task.", positionals: [id])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let body = try RESTClient(options: options).read(target(arguments))
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        StandardStream.output.write(facts(try RESTClient.decode(body, as: TaskView.self)).text)
    }

    /// The path of the task that is named.
    static func target(_ arguments: Arguments) -> String {
        "/api/v1/tasks/\((arguments.text("ID") ?? "").percentEncoded)"
    }

    private static func facts(_ task: TaskView) -> TextTable {
        var table = TextTable(["task", "\(task.taskNumber)  \(task.taskId)"])
        table.add(["job", task.jobId])
        table.add(["owner", task.userId])
        table.add(["status", task.status])
        table.add(["runner", task.runner ?? "none"])
        table.add(["gpus", task.gpuMilli.map { "\($0)/1000 of one" } ?? "\(task.gpuCount ?? 0)"])
        table.add(["priority", "\(task.priority)"])
        table.add(["attempts", "\(task.attemptsUsed) of \(task.attempts)"])
        table.add(["node", task.nodeId ?? "–"])
        table.add(["progress", TaskLines.progress(of: task)])
        table.add(["created", task.createdAt])
        table.add(["started", task.startedAt ?? "–"])
        table.add(["ended", task.endedAt ?? "–"])
        table.add(["held", "\(task.held.money) \(task.currency)"])
        table.add(["cost", task.cost.map { "\($0.amount.money) \($0.currency)" } ?? "–"])
        if let result = task.result {
            table.add(["result", TaskLines.result(result)])
            table.add(["output", result.output?.text ?? "–"])
        }
        return table
    }
}

/// `cancel ID`: ends a task.
enum CancelCommand {
    static let command = Command("cancel", summary: "Cancel a task.", positionals: [TaskCommand.id])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let body = try RESTClient(options: options).send(
            [], to: TaskCommand.target(arguments) + "/cancel", expecting: 200)
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        let task = try RESTClient.decode(body, as: TaskView.self)
        StandardStream.output.write("\(task.taskNumber)  \(task.status.harmless)\n")
    }
}

/// `why ID`: the node that a task went to, the one that would have been next, and what lay between them.
enum WhyCommand {
    static let command = Command(
        "why", summary: "Show why a task went to its node.", positionals: [TaskCommand.id])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let body = try RESTClient(options: options).read(TaskCommand.target(arguments))
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        StandardStream.output.write(text(try RESTClient.decode(body, as: TaskView.self)))
    }

    /// The explanation of every member's place.
    static func text(_ task: TaskView) -> String {
        guard !task.members.isEmpty else {
            return "task \(task.taskNumber) is \(task.status.harmless) and has no place\n"
        }
        return task.members.map { member in
            let placement = member.placement
            var table = TextTable(["", "NODE", "PRICE", "HAZARD", "FRAGMENTATION", "TOTAL"])
            table.add(row("winner", member.nodeId, placement.winner))
            if let other = placement.runnerUp { table.add(row("runner-up", other.nodeId ?? "–", other)) }
            let verdict =
                placement.difference.map { difference in
                    difference == 0
                        ? "a tie, decided by the order of nodes"
                        : "the runner-up would have been \(difference.money) credits an hour dearer"
                } ?? "no other node would do"
            let backfill = placement.backfill ? "; it went ahead of a task that waits for a reservation" : ""
            return "task \(task.taskNumber), member \(member.member), in credits an hour\n\(table.text)\(verdict)"
                + "\(backfill)\n"
        }.joined(separator: "\n")
    }

    private static func row(_ name: String, _ node: String, _ terms: TaskView.Terms) -> [String] {
        [name, node, terms.price.money, terms.hazard.money, terms.fragmentation.money, terms.total.money]
    }
}

/// Lines about a task that several commands show.
enum TaskLines {
    static func progress(of task: TaskView) -> String {
        guard let percent = task.progress else { return "–" }
        let parts = [task.stage, task.message, task.etaSeconds.map { "\($0) s left" }].compactMap { $0 }
        return (["\(percent) %"] + parts).joined(separator: "  ")
    }

    static func result(_ result: TaskView.Result) -> String {
        var parts = [result.fault ?? "ok"]
        if let status = result.exitStatus { parts.append("exit status \(status)") }
        if let signal = result.signal { parts.append("signal \(signal)") }
        if let seconds = result.processingTime { parts.append("\(seconds) s") }
        if let message = result.message { parts.append(message) }
        return parts.joined(separator: ", ")
    }

    /// How a task ended, in one line.
    static func ending(of task: TaskView) -> String {
        let result = task.result.map { ": " + self.result($0) } ?? ""
        let cost = task.cost.map { ", \($0.amount.money) \($0.currency)" } ?? ""
        return "task \(task.taskNumber) \(task.status)\(result)\(cost)"
    }
}
