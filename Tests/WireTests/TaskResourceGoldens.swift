import Bytes
import Grid

@testable import Wire

/// The values of the golden bodies about tasks, jobs, money and trust.
enum TaskResourceGoldens {
    static let task = TaskID(UUID128(high: 0x6ba7_b810_9dad_41d1, low: 0x80b4_00c0_4fd4_30c8))
    static let waitingTask = TaskID(UUID128(high: 0x6ba7_b810_9dad_41d1, low: 0x80b4_00c0_4fd4_30c9))
    static let otherNode = NodeID(UUID128(high: 1, low: 0x8000_0000_0000_0002))
    static let user = UserID("user123")
    static let time = NativeGoldens.time

    /// With every field that a submitter can write.
    static let wish: TaskWish = {
        var resources = ResourceRequest(gpu: .whole(2), cpuMilli: 4000, memoryMebibytes: 16_384)
        resources.models = ["NVIDIA GeForce RTX 4090"]
        resources.vramMebibytes = 20_480
        resources.region = "us-east-1"
        resources.runner = "trainer"
        resources.priceCapMicros = 750_000
        var specification = TaskSpecification(runner: "trainer", resources: resources, timeoutSeconds: 600)
        specification.arguments = [
            TaskArgument(name: "dry_run", value: .boolean(false)),
            TaskArgument(name: "epochs", value: .integer(3)),
            TaskArgument(name: "model_path", value: .text("/models/a b; rm -rf $HOME")),
        ]
        specification.input = #"{"prompt":"Hello"}"#
        specification.priority = 7
        specification.attempts = 3
        specification.currency = .neuro
        specification.model = "llama-3"
        specification.estimatedDurationSeconds = 120
        specification.taskDefinitionID = 4
        specification.isIMUA = true
        return TaskWish(job: "job-7", specification: specification)
    }()

    static let least: TaskSpecification = {
        var resources = ResourceRequest(gpu: .none)
        resources.runner = "selftest"
        resources.priceCapMicros = Limits.priceCapMicros
        return TaskSpecification(
            runner: "selftest", resources: resources, timeoutSeconds: Limits.defaultTaskSeconds)
    }()

    static let jobWish: JobWish = {
        var shared = least
        shared.resources.gpu = .share(milli: 250)
        return JobWish(job: "job-7", specifications: [least, shared])
    }()

    private static let explanation = PlacementExplanation(
        winner: CostTerms(price: 800_000, hazard: 12_500, fragmentation: -2000), runnerUp: otherNode,
        runnerUpTerms: CostTerms(price: 800_000, hazard: 30_000, fragmentation: 1000), isBackfill: false)

    static let completed: TaskSummary = {
        var record = TaskRecord(
            id: task, number: 7, job: "job-7", owner: user, specification: wish.specification, createdAt: time)
        record.state = .completed
        record.epoch = 2
        record.attempts = 2
        record.excludedNodes = [otherNode]
        var lease = TaskLease(
            member: 0, node: NativeGoldens.node, gpus: 0b101, milliPerGPU: 1000, billableMilli: 2000,
            pricePerHourMicros: 400_000, explanation: explanation)
        lease.phase = .ended
        lease.startedAt = time.adding(milliseconds: 1000)
        lease.ranMilliseconds = 2340
        record.leases = [lease]
        record.costMicros = 5200
        record.feeMicros = 100_000
        var result = TaskResult()
        result.output = #"{"text":"Generated text result..."}"#
        result.exitStatus = 0
        result.ranMilliseconds = 2340
        result.digest = Digest256(bytes: Array(0..<32))
        record.result = result
        record.updatedAt = time.adding(milliseconds: 3500)
        record.assignedAt = time.adding(milliseconds: 500)
        record.startedAt = lease.startedAt
        record.endedAt = record.updatedAt
        return TaskSummary(record: record, progress: nil)
    }()

    static let running: TaskSummary = {
        var record = TaskRecord(
            id: waitingTask, number: 8, job: "\(waitingTask)", owner: user, specification: least, createdAt: time)
        record.state = .running
        record.epoch = 1
        record.attempts = 1
        record.heldMicros = 10_000_000
        var alone = explanation
        alone.runnerUp = nil
        alone.runnerUpTerms = nil
        var lease = TaskLease(
            member: 0, node: NativeGoldens.node, gpus: 0, milliPerGPU: 0, billableMilli: 62,
            pricePerHourMicros: 400_000, explanation: alone)
        lease.phase = .started
        lease.startedAt = time
        record.leases = [lease]
        record.assignedAt = time
        record.startedAt = time
        var progress = ProgressReport(sequence: 3, percent: 65)
        progress.stage = "burning"
        progress.message = "step 13 of 20"
        progress.etaSeconds = 45
        return TaskSummary(record: record, progress: progress)
    }()

    static let job = JobSummary(
        record: JobRecord(id: "job-7", owner: user, createdAt: time), state: .running, progressPercent: 82,
        counts: [0, 0, 1, 1, 0, 0, 0], tasks: [task, waitingTask])

    static let trust: NodeTrust = {
        var trust = NodeTrust(node: otherNode)
        trust.quarantine = .wrongResult
        trust.detail = "2 of 2 other nodes gave another result"
        trust.since = time
        trust.verifiedResults = 4
        trust.failedChallenges = 1
        return trust
    }()

    static let balances = [
        Balance(currency: .neuro, availableMicros: 850_250_000, lockedMicros: 150_250_000),
        Balance(currency: .usd, availableMicros: 100_000_000, lockedMicros: 25_000_001),
    ]

    static let bodies: [(name: String, write: @Sendable (inout ByteBuffer) -> Void)] = [
        ("task_submission", { RESTCodec.encode(wish, into: &$0) }),
        ("job_submission", { RESTCodec.encode(jobWish, into: &$0) }),
        ("task", { RESTCodec.task(completed, into: &$0) }),
        ("task_running", { RESTCodec.task(running, into: &$0) }),
        ("task_result", { RESTCodec.result(of: completed, into: &$0) }),
        (
            "task_log",
            {
                RESTCodec.log(
                    [
                        LogChunk(stream: .stdout, offset: 0, text: "step 1\n"),
                        LogChunk(stream: .stderr, offset: 0, text: "warning: hot\n"),
                    ], next: 9, missed: 2, isComplete: false, into: &$0)
            }
        ),
        ("jobs", { RESTCodec.jobs([job], next: "job-7", into: &$0) }),
        ("balances", { RESTCodec.balances(balances, of: user, into: &$0) }),
        ("trust", { RESTCodec.trust([trust], into: &$0) }),
    ]
}
