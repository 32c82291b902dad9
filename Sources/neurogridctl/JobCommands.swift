internal import Grid
internal import Service

/// `jobs`: one's jobs, a line each.
enum JobsCommand {
    static let command = Command("jobs", summary: "List jobs.")

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let client = RESTClient(options: options)
        var table = TextTable(["ID", "OWNER", "STATUS", "PROGRESS", "TASKS", "CREATED"])
        var target = "/api/v1/jobs?limit=500"
        while true {
            let body = try client.read(target)
            let page = try RESTClient.decode(body, as: JobPage.self)
            if options.printsJSON { StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
            for job in page.jobs {
                table.add([
                    job.jobId, job.userId, job.status, "\(job.progress)%", "\(job.counts.values.reduce(0, +))",
                    job.createdAt,
                ])
            }
            guard let next = page.nextCursor else { break }
            target = "/api/v1/jobs?limit=500&cursor=\(next.percentEncoded)"
        }
        if !options.printsJSON { StandardStream.output.write(table.text) }
    }
}

/// `job ID`: one job, and how its tasks stand.
enum JobCommand {
    static let command = Command(
        "job", summary: "Show one job.",
        flags: [Flag("cancel", .bool, meaning: "cancel all its tasks that have not ended")],
        positionals: [Positional("ID", .text(maximumBytes: Limits.jobIDBytes), meaning: "the job's id")])

    static func run(_ arguments: Arguments, _ options: ConnectionOptions) throws {
        let client = RESTClient(options: options)
        let target = "/api/v1/jobs/\((arguments.text("ID") ?? "").percentEncoded)"
        let body =
            arguments.isSet("cancel")
            ? try client.send([], to: target + "/cancel", expecting: 200) : try client.read(target)
        if options.printsJSON { return StandardStream.output.write(String(decoding: body, as: UTF8.self) + "\n") }
        let job = try RESTClient.decode(body, as: JobView.self)
        var table = TextTable(["job", job.jobId])
        table.add(["owner", job.userId])
        table.add(["status", job.status])
        table.add(["progress", "\(job.progress) %"])
        for state in TaskState.allCases {
            if let count = job.counts[state.name], count > 0 { table.add([state.name, "\(count)"]) }
        }
        table.add(["created", job.createdAt])
        for task in job.tasks { table.add(["task", task]) }
        StandardStream.output.write(table.text)
    }
}
