import Grid
import Testing

@testable import Store

@Suite struct TaskCoderTests {
    /// What the columns have of a task, with nothing of the body yet.
    private func bare(_ task: TaskRecord) -> TaskRecord {
        var bare = TaskRecord(
            id: task.id, number: task.number, job: task.job, owner: task.owner, specification: task.specification,
            createdAt: task.createdAt)
        bare.key = task.key
        bare.state = task.state
        bare.epoch = task.epoch
        bare.updatedAt = task.updatedAt
        bare.endedAt = task.endedAt
        return bare
    }

    @Test func whatIsWrittenIsReadBack() {
        var draw = Draw(seed: 1)
        for number in 1...500 {
            let task = draw.task(number: UInt64(number), job: "job")
            var read = bare(task)
            #expect(TaskCoder.decode(TaskCoder.encode(task), into: &read))
            #expect(read == task)
        }
    }

    /// Databases out there hold it as it was.
    @Test func theStoredFormStaysAsItIs() {
        let body = TaskCoder.encode(Sample.endedTask(1))
        #expect(
            body == #"{"attempts":2,"held_micros":0,"cost_micros":10000,"assigned_at":1700000004123,"#
                + #""started_at":1700000005123,"leases":[{"member":0,"node":"00000000-0001-4000-8000-000000000001","#
                + #""gpus":1,"milli_per_gpu":1000,"billable_milli":1000,"price_per_hour_micros":400000,"#
                + #""phase":"ended","started_at":1700000005123,"ran_ms":90000,"#
                + #""terms":{"price":400000,"hazard":12,"fragmentation":-3},"#
                + #""runner_up":"00000000-0002-4000-8000-000000000002","#
                + #""runner_up_terms":{"price":410000,"hazard":9,"fragmentation":0},"is_backfill":true}],"#
                + #""excluded_nodes":["00000000-0003-4000-8000-000000000003"],"#
                + #""result":{"output":"{\"loss\":0.25}","exit_status":0,"message":"done","ran_ms":90000,"#
                + #""digest":"0700000007000000070000000700000007000000070000000700000007000000"}}"#)
        #expect(TaskCoder.encode(Sample.task(1)) == #"{"attempts":0,"held_micros":500000}"#)
        var later = bare(Sample.endedTask(1))
        #expect(TaskCoder.decode(body.replacing("{\"attempts\"", with: "{\"new\":[{}],\"attempts\""), into: &later))
        #expect(later == Sample.endedTask(1))
    }

    @Test func whatAnOutsidePartyToldStaysAsItIs() {
        var task = Sample.task(1)
        task.execution[.transaction] = .text("0xabc")
        task.execution[.executedAt] = .time(Sample.time(3))
        task.execution[.attesters] = .integers([4, 5])
        task.execution[.isAccepted] = .truth(false)
        let body = TaskCoder.encode(task)
        #expect(
            body == #"{"attempts":0,"held_micros":500000,"execution":{"execution_timestamp":1700000003123,"#
                + #""execution_tx_hash":"0xabc","task_attester_ids":[4,5],"is_accepted":false}}"#)
        var read = bare(task)
        #expect(TaskCoder.decode(body, into: &read) && read == task)
        // A field of a later release is passed over, one that is broken is damage.
        var later = bare(task)
        let added = body.replacing("{\"execution_timestamp\"", with: "{\"later\":[{}],\"execution_timestamp\"")
        #expect(TaskCoder.decode(added, into: &later) && later == task)
        for broken in [body.replacing("[4,5]", with: "[4,\"5\"]"), body.replacing("false", with: "0")] {
            #expect(!TaskCoder.decode(broken, into: &later), "\(broken)")
        }
    }

    @Test func whatItDidNotWriteItDoesNotRead() {
        let body = TaskCoder.encode(Sample.endedTask(1))
        let untouched = bare(Sample.endedTask(1))
        var read = untouched
        for count in 0..<body.utf8.count { #expect(!TaskCoder.decode(String(body.prefix(count)), into: &read)) }
        for (from, to) in [
            ("\"ended\"", "\"paused\""), ("\"gpus\":1", "\"gpus\":-1"), ("\"member\":0", "\"place\":0"),
            ("0700000007", "070000000"), ("4000-8000", "4000+8000"), ("\"attempts\":2,", ""),
        ] { #expect(!TaskCoder.decode(body.replacing(from, with: to), into: &read), "\(to)") }
        #expect(read == untouched)
    }
}
