import Grid
import Testing

@testable import Store

@Suite struct ArchiveTasksTests {
    let scratch = ScratchDirectory()

    @Test func everythingIsThereAfterReopening() throws {
        var draw = Draw(seed: 3)
        let jobs = (0..<20).map { JobRecord(id: "job \($0)", owner: UserID(draw.text()), createdAt: draw.time()) }
        let tasks = (1...200).map { draw.task(number: $0, job: jobs[Int($0) % jobs.count].id) }
        let archive = try scratch.archive()
        try archive.append(jobs.map { .job($0) })
        for task in tasks { try archive.append([.task(task)]) }
        archive.close()
        let again = try scratch.archive()
        let contents = try again.load()
        #expect(contents.jobs == jobs.sorted { $0.id < $1.id })
        #expect(contents.tasks == tasks)
        #expect(contents.lastTaskNumber == 200)
        again.close()
    }

    @Test func aTaskIsReplacedWhole() throws {
        let archive = try scratch.archive()
        try archive.append([.job(Sample.job("job")), .task(Sample.task(1)), .task(Sample.task(2))])
        try archive.append([.task(Sample.endedTask(1))])
        #expect(try archive.load().tasks == [Sample.endedTask(1), Sample.task(2)])
        try archive.append([.task(Sample.task(1)), .task(Sample.task(1))])
        #expect(try archive.load().tasks == [Sample.task(1), Sample.task(2)])
        var other = Sample.task(1)
        other.specification.input = "7"
        other.key = nil
        other.owner = UserID("bea")
        var job = Sample.job("job")
        job.owner = UserID("bea")
        try archive.append([.task(other), .job(job)])
        #expect(try archive.load().tasks == [other, Sample.task(2)])
        #expect(try archive.load().jobs == [job])
        archive.close()
    }

    /// A large input is not written anew with each step that its task takes.
    @Test func whatWasAskedForIsWrittenOnce() throws {
        let archive = try scratch.archive()
        var task = Sample.task(1)
        task.specification.input = "\"" + String(repeating: "x", count: 60_000) + "\""
        try archive.append([.job(Sample.job("job")), .task(task)])
        try archive.database.checkpoint()
        for epoch in 1...10 {
            task.epoch = UInt64(epoch)
            task.state = .assigned
            try archive.append([.task(task)])
        }
        #expect(archive.database.logPages < 40, "ten updates of one page each, and the pages around it")
        #expect(try archive.load().tasks == [task])
        archive.close()
    }

    @Test func aJobGoesWithTheLastOfItsTasks() throws {
        let archive = try scratch.archive()
        try archive.append([
            .task(Sample.task(1, job: "a")), .task(Sample.task(2, job: "a")), .task(Sample.task(3, job: "b")),
            .job(Sample.job("a")), .job(Sample.job("b")),
        ])
        try archive.append([.taskForgotten(Sample.taskID(1))])
        #expect(try archive.load().tasks == [Sample.task(2, job: "a"), Sample.task(3, job: "b")])
        #expect(try archive.load().jobs.map(\.id) == ["a", "b"])
        // Twice is the same as once.
        try archive.append([.taskForgotten(Sample.taskID(1)), .taskForgotten(Sample.taskID(2))])
        #expect(try archive.load().jobs.map(\.id) == ["b"])
        try archive.append([.taskForgotten(Sample.taskID(3))])
        let contents = try archive.load()
        #expect(contents.tasks.isEmpty && contents.jobs.isEmpty)
        #expect(try archive.database.integer("SELECT count(*) FROM task_specification") == 0)
        archive.close()
    }

    @Test func numbersNeverReturn() throws {
        let archive = try scratch.archive()
        try archive.append([.job(Sample.job("job")), .task(Sample.task(7)), .task(Sample.task(5))])
        #expect(try archive.load().lastTaskNumber == 7)
        try archive.append([.taskForgotten(Sample.taskID(7)), .taskForgotten(Sample.taskID(5))])
        archive.close()
        let again = try scratch.archive()
        #expect(try again.load().lastTaskNumber == 7)
        again.close()
    }

    @Test func aTaskStandsWithItsJobOrNotAtAll() throws {
        let archive = try scratch.archive()
        let failure = storeError { () throws(StoreError) in
            try archive.append([.job(Sample.job("other")), .task(Sample.task(1))])
        }
        #expect(failure?.message.contains("FOREIGN KEY") == true)
        let contents = try archive.load()
        #expect(contents.jobs.isEmpty && contents.tasks.isEmpty && contents.lastTaskNumber == 0)
        archive.close()
    }

    @Test func whatATaskIsForLifeIsNotChanged() throws {
        let archive = try scratch.archive()
        try archive.append([.job(Sample.job("job")), .job(Sample.job("b")), .task(Sample.task(1))])
        var changes: [TaskRecord] = []
        for change in [{ $0.number = 2 }, { $0.id = Sample.taskID(2) }, { $0.job = "b" }]
            as [(inout TaskRecord) -> Void]
        {
            changes.append(Sample.task(1))
            change(&changes[changes.count - 1])
        }
        for changed in changes {
            let failure = storeError { () throws(StoreError) in try archive.append([.task(changed)]) }
            #expect(failure?.message.contains("UNIQUE") == true)
        }
        #expect(try archive.load().tasks == [Sample.task(1)])
        archive.close()
    }

    @Test(arguments: [
        "UPDATE task SET state = 'completed' WHERE number = 1", "UPDATE task SET state = 'unheard_of' WHERE number = 1",
        "UPDATE task SET owner = 'eve' WHERE number = 1", "UPDATE task SET key = NULL WHERE number = 1",
        "UPDATE task SET epoch = epoch + 1 WHERE number = 2", "UPDATE task SET created_at = 0 WHERE number = 2",
        "UPDATE task SET updated_at = updated_at + 1 WHERE number = 2",
        "UPDATE task SET ended_at = NULL WHERE number = 2", "UPDATE task SET job = 'b' WHERE number = 2",
        "UPDATE task SET id = replace(id, '0', '1') WHERE number = 2", "UPDATE task SET number = 4 WHERE number = 3",
        "UPDATE task SET body = replace(body, '10000', '10001') WHERE number = 2",
        "UPDATE task SET body = '{}' WHERE number = 2", "UPDATE task SET checksum = 0 WHERE number = 2",
        "DELETE FROM task WHERE number = 2", "DELETE FROM task_specification WHERE task = 2",
        "DELETE FROM task WHERE number = 3; DELETE FROM task_specification WHERE task = 3",
        "DELETE FROM task; DELETE FROM task_specification; DELETE FROM job",
        "UPDATE task_specification SET body = replace(body, 'resnet', 'resnot') WHERE task = 1",
        "UPDATE task_specification SET body = '' WHERE task = 1",
        "UPDATE task_specification SET body = (SELECT body FROM task_specification WHERE task = 3) WHERE task = 1",
        "UPDATE task_specification SET task = 9 WHERE task = 3",
        "UPDATE tally SET count = 2, checksum = 0 WHERE name = 'last_task'",
        "UPDATE job SET owner = 'eve' WHERE id = 'b'", "UPDATE job SET created_at = 1 WHERE id = 'b'",
        "DELETE FROM job WHERE id = 'b'", "DELETE FROM tally WHERE name = 'job'",
    ])
    func damageIsRefusedWithAClearError(damage: String) throws {
        let archive = try scratch.archive()
        var third = Sample.task(3)
        third.specification.priority = 9
        try archive.append([
            .job(Sample.job("job")), .job(Sample.job("b")), .task(Sample.task(1)), .task(Sample.endedTask(2)),
            .task(third),
        ])
        try archive.database.execute("PRAGMA foreign_keys = OFF")
        try archive.database.execute(damage)
        let failure = storeError { () throws(StoreError) in _ = try archive.load() }
        #expect(failure?.kind == .corrupt)
        #expect(failure?.message.contains("restore a backup") == true, "\(String(describing: failure))")
        archive.close()
    }
}
