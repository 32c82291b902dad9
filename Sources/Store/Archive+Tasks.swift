import Grid

/// Jobs and tasks: a row each, and of a task another one with what was asked for, which is written once.
extension Archive {
    private var tallies: Tallies { Tallies(database: database) }

    // MARK: Jobs

    func write(_ job: JobRecord) throws(StoreError) {
        let values: [SQLiteValue] = [
            .text(job.owner.text), .integer(job.createdAt.milliseconds), .integer(checksum(of: job)), .text(job.id),
        ]
        let changed = try database.statement("UPDATE job SET owner = ?, created_at = ?, checksum = ? WHERE id = ?")
            .change(values)
        guard changed == 0 else { return }
        try database.statement("INSERT INTO job (owner, created_at, checksum, id) VALUES (?, ?, ?, ?)").run(values)
        try tallies.add(1, to: .jobs)
    }

    /// By identifier.
    func readJobs() throws(StoreError) -> [JobRecord] {
        var jobs: [JobRecord] = []
        try database.statement("SELECT id, owner, created_at, checksum FROM job ORDER BY id")
            .forEachRow { (row) throws(StoreError) in
                let job = JobRecord(
                    id: try row.text(0), owner: UserID(try row.text(1)),
                    createdAt: Timestamp(milliseconds: try row.integer(2)))
                try row.verify(3, checksum(of: job), of: "job \(job.id)")
                jobs.append(job)
            }
        try tallies.verify(.jobs, found: jobs.count)
        return jobs
    }

    private func checksum(of job: JobRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, job.id)
        checksum.add(2, job.owner.text)
        checksum.add(3, job.createdAt.milliseconds)
        return checksum.value
    }

    // MARK: Tasks

    /// Writes the task. Its number, identifier and job are for life: a record that says otherwise is refused.
    func write(_ task: TaskRecord) throws(StoreError) {
        let body = TaskCoder.encode(task)
        let values: [SQLiteValue] = [
            .text(task.owner.text), .optional(task.key), .text(task.state.name), .optional(task.epoch),
            .integer(task.createdAt.milliseconds), .integer(task.updatedAt.milliseconds),
            .optional(task.endedAt?.milliseconds), .integer(checksum(of: task, body: body)), .text(body),
            .optional(task.number), .text(task.id.description), .text(task.job),
        ]
        // The columns that have an index are not among those which are set, so that an update leaves them alone.
        let changed = try database.statement(
            """
            UPDATE task SET owner = ?, key = ?, state = ?, epoch = ?, created_at = ?, updated_at = ?, ended_at = ?,
                checksum = ?, body = ?
            WHERE number = ? AND id = ? AND job = ?
            """
        ).change(values)
        if changed == 0 {
            try database.statement(
                """
                INSERT INTO task (owner, key, state, epoch, created_at, updated_at, ended_at, checksum, body,
                    number, id, job) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            ).run(values)
            try tallies.add(1, to: .tasks)
            let number = Int64(bitPattern: task.number)
            if number > (try tallies.count(.lastTask)) { try tallies.set(.lastTask, to: number) }
        }
        try writeSpecification(of: task)
    }

    /// Writes what was asked for, unless just that is there.
    private func writeSpecification(of task: TaskRecord) throws(StoreError) {
        let body = SpecificationCoder.encode(task.specification)
        try database.statement(
            """
            INSERT INTO task_specification (task, checksum, body) VALUES (?, ?, ?)
            ON CONFLICT (task) DO UPDATE SET checksum = excluded.checksum, body = excluded.body
            WHERE excluded.checksum <> task_specification.checksum
            """
        ).run([.optional(task.number), .integer(specificationChecksum(task.number, body)), .text(body)])
    }

    /// Lets go of a task, and of its job with the last of its tasks. Nothing happens where the task is gone already.
    func forgetTask(_ id: TaskID) throws(StoreError) {
        var found: (number: SQLiteValue, job: SQLiteValue)?
        try database.statement("SELECT number, job FROM task WHERE id = ?")
            .forEachRow([.text(id.description)]) { (row) throws(StoreError) in
                found = (.integer(try row.integer(0)), .text(try row.text(1)))
            }
        guard let found else { return }
        try database.statement("DELETE FROM task_specification WHERE task = ?").run([found.number])
        try database.statement("DELETE FROM task WHERE number = ?").run([found.number])
        try tallies.add(-1, to: .tasks)
        let jobs = try database.statement(
            "DELETE FROM job WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM task WHERE job = ?1)"
        ).change([found.job])
        try tallies.add(-jobs, to: .jobs)
    }

    /// Ascending by number.
    func readTasks() throws(StoreError) -> [TaskRecord] {
        var tasks: [TaskRecord] = []
        try database.statement(
            """
            SELECT number, id, job, owner, key, state, epoch, created_at, updated_at, ended_at, task.checksum,
                task.body, task_specification.checksum, task_specification.body
            FROM task LEFT JOIN task_specification ON task_specification.task = task.number ORDER BY number
            """
        ).forEachRow { (row) throws(StoreError) in tasks.append(try task(of: row)) }
        try tallies.verify(.tasks, found: tasks.count)
        guard try database.integer("SELECT count(*) FROM task_specification") == tasks.count else {
            throw StoreError(.corrupt, "there is a specification of a task that is gone")
        }
        guard Int64(bitPattern: tasks.last?.number ?? 0) <= (try tallies.count(.lastTask)) else {
            throw StoreError(.corrupt, "there is a task behind the last one")
        }
        return tasks
    }

    /// The number of the last task that ever was.
    func readLastTaskNumber() throws(StoreError) -> UInt64 {
        UInt64(bitPattern: try tallies.count(.lastTask))
    }

    private func task(of row: SQLiteStatement) throws(StoreError) -> TaskRecord {
        let number = try row.word(0)
        let subject = "task \(number)"
        guard !row.isNull(13) else { throw StoreError(.corrupt, "the specification of \(subject) is gone") }
        let (body, specificationBody) = (try row.text(11), try row.text(13))
        guard let specification = SpecificationCoder.decode(specificationBody),
            let state = TaskState(name: try row.text(5))
        else { throw StoreError(.corrupt, "\(subject) cannot be read") }
        var task = TaskRecord(
            id: TaskID(try row.uuid(1)), number: number, job: try row.text(2), owner: UserID(try row.text(3)),
            specification: specification, createdAt: Timestamp(milliseconds: try row.integer(7)))
        task.key = try row.optionalText(4)
        task.state = state
        task.epoch = try row.word(6)
        task.updatedAt = Timestamp(milliseconds: try row.integer(8))
        task.endedAt = try row.optionalInteger(9).map { Timestamp(milliseconds: $0) }
        guard TaskCoder.decode(body, into: &task) else { throw StoreError(.corrupt, "\(subject) cannot be read") }
        try row.verify(10, checksum(of: task, body: body), of: subject)
        try row.verify(12, specificationChecksum(number, specificationBody), of: "the specification of \(subject)")
        return task
    }

    private func checksum(of task: TaskRecord, body: String) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, task.number)
        checksum.add(2, task.id.uuid)
        checksum.add(3, task.job)
        checksum.add(4, task.owner.text)
        checksum.add(5, task.key)
        checksum.add(6, task.state.name)
        checksum.add(7, task.epoch)
        checksum.add(8, task.createdAt.milliseconds)
        checksum.add(9, task.updatedAt.milliseconds)
        checksum.add(10, task.endedAt?.milliseconds)
        checksum.add(11, body)
        return checksum.value
    }

    private func specificationChecksum(_ number: UInt64, _ body: String) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, number)
        checksum.add(2, body)
        return checksum.value
    }
}
