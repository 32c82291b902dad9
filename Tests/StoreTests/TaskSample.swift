import Grid

@testable import Store

/// Numbers that look random and are the same in every run.
struct Draw: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func flag() -> Bool { next() & 1 == 1 }
    mutating func uuid() -> UUID128 { UUID128(high: next(), low: next()) }
    mutating func integer() -> Int64 { Int64(truncatingIfNeeded: next()) >> Int64(next() % 64) }
    mutating func time() -> Timestamp { Timestamp(milliseconds: integer()) }
    mutating func node() -> NodeID { NodeID(uuid()) }
    mutating func maybe<Value>(_ make: (inout Draw) -> Value) -> Value? { flag() ? make(&self) : nil }
    mutating func list<Value>(_ most: Int, _ make: (inout Draw) -> Value) -> [Value] {
        (0..<Int.random(in: 0...most, using: &self)).map { _ in make(&self) }
    }

    /// Texts with what a writer of JSON, SQL or anything else may stumble over.
    mutating func text() -> String {
        let pieces = ["a", "\"", "\\", "\u{0}", "\n", "'", "é", "🚀", "\u{2028}", "{", "}", "[", ":", "e\u{301}"]
        return (0..<Int.random(in: 0...12, using: &self)).map { _ in pieces.randomElement(using: &self)! }.joined()
    }

    mutating func currency() -> Currency { flag() ? .usd : .neuro }

    mutating func terms() -> CostTerms { CostTerms(price: integer(), hazard: integer(), fragmentation: integer()) }

    mutating func lease() -> TaskLease {
        var lease = TaskLease(
            member: Int(next() % 1024), node: node(), gpus: next(), milliPerGPU: Int(next() % 1001),
            billableMilli: integer(), pricePerHourMicros: integer(),
            explanation: PlacementExplanation(
                winner: terms(), runnerUp: maybe { $0.node() }, runnerUpTerms: maybe { $0.terms() },
                isBackfill: flag()))
        lease.phase = TaskLease.Phase.allCases.randomElement(using: &self)!
        lease.startedAt = maybe { $0.time() }
        lease.ranMilliseconds = maybe { $0.integer() }
        return lease
    }

    mutating func result() -> TaskResult {
        var result = TaskResult()
        result.output = text()
        result.fault = maybe { TaskFault.allCases.randomElement(using: &$0)! }
        result.exitStatus = maybe { Int($0.integer()) }
        result.signal = maybe { Int($0.integer()) }
        result.message = text()
        result.ranMilliseconds = integer()
        result.digest = maybe { draw in Digest256(bytes: (0..<32).map { _ in UInt8(truncatingIfNeeded: draw.next()) }) }
        return result
    }

    mutating func resources() -> ResourceRequest {
        let demands: [GPUDemand] = [.none, .share(milli: 250), .whole(8)]
        var resources = ResourceRequest(
            gpu: demands.randomElement(using: &self)!, cpuMilli: Int(next() >> 33), memoryMebibytes: Int(next() >> 33))
        resources.models = Set(list(3) { $0.text() })
        resources.vramMebibytes = Int(next() >> 33)
        resources.region = text()
        resources.runner = text()
        resources.priceCapMicros = maybe { $0.integer() }
        return resources
    }

    mutating func specification() -> TaskSpecification {
        var specification = TaskSpecification(runner: text(), resources: resources(), timeoutSeconds: integer())
        specification.arguments = list(5) { draw in
            let value: [ArgumentValue] = [.text(draw.text()), .integer(draw.integer()), .boolean(draw.flag())]
            return TaskArgument(name: draw.text(), value: value.randomElement(using: &draw)!)
        }
        specification.input = text()
        specification.gangSize = Int(next() % 1024)
        specification.priority = Int(next() % 11)
        specification.attempts = Int(next() % 21)
        specification.currency = currency()
        specification.model = maybe { $0.text() }
        specification.estimatedDurationSeconds = maybe { $0.integer() }
        specification.taskDefinitionID = maybe { $0.integer() }
        specification.isIMUA = maybe { $0.flag() }
        return specification
    }

    /// Any of its fields, or none.
    mutating func execution() -> TaskExecution {
        var execution = TaskExecution()
        for key in TaskExecution.Key.allCases where flag() {
            switch key.kind {
            case .integer: execution[key] = .integer(integer())
            case .integers: execution[key] = .integers(list(4) { $0.integer() })
            case .text: execution[key] = .text(text())
            case .time: execution[key] = .time(time())
            case .micros: execution[key] = .micros(integer())
            case .truth: execution[key] = .truth(flag())
            }
        }
        return execution
    }

    mutating func task(number: UInt64, job: String) -> TaskRecord {
        var task = TaskRecord(
            id: TaskID(uuid()), number: number, job: job, owner: UserID(text()), specification: specification(),
            createdAt: time())
        task.key = maybe { $0.text() }
        task.state = TaskState.allCases.randomElement(using: &self)!
        task.epoch = next()
        task.attempts = Int(next() % 21)
        task.leases = list(3) { $0.lease() }
        task.excludedNodes = list(3) { $0.node() }
        task.heldMicros = integer()
        task.costMicros = maybe { $0.integer() }
        task.feeMicros = maybe { $0.integer() }
        task.execution = execution()
        task.result = maybe { $0.result() }
        task.updatedAt = time()
        task.assignedAt = maybe { $0.time() }
        task.startedAt = maybe { $0.time() }
        task.endedAt = maybe { $0.time() }
        task.isCheck = flag()
        task.requestTaskCount = 1 + Int(next() % 1000)
        return task
    }
}

extension Sample {
    static func taskID(_ number: Int) -> TaskID {
        TaskID(UUID128(randomHigh: UInt64(number) << 24, randomLow: ~UInt64(number)))
    }

    static func job(_ id: String) -> JobRecord { JobRecord(id: id, owner: UserID("ana"), createdAt: time(1)) }

    /// A task as it was submitted.
    static func task(_ number: Int, job: String = "job") -> TaskRecord {
        var resources = ResourceRequest(gpu: .whole(1), cpuMilli: 1000, memoryMebibytes: 2048)
        resources.priceCapMicros = 500_000
        var specification = TaskSpecification(runner: "train", resources: resources, timeoutSeconds: 3600)
        specification.arguments = [TaskArgument(name: "epochs", value: .integer(3))]
        specification.input = #"{"model":"resnet"}"#
        var task = TaskRecord(
            id: taskID(number), number: UInt64(number), job: job, owner: UserID("ana"), specification: specification,
            createdAt: time(Int64(number)))
        task.key = "request \(number)"
        task.heldMicros = 500_000
        return task
    }

    /// The same task, completed on a node.
    static func endedTask(_ number: Int, job: String = "job") -> TaskRecord {
        var task = task(number, job: job)
        task.state = .completed
        task.epoch = 2
        task.attempts = 2
        var lease = TaskLease(
            member: 0, node: nodeID(1), gpus: 1, milliPerGPU: 1000, billableMilli: 1000, pricePerHourMicros: 400_000,
            explanation: PlacementExplanation(
                winner: CostTerms(price: 400_000, hazard: 12, fragmentation: -3), runnerUp: nodeID(2),
                runnerUpTerms: CostTerms(price: 410_000, hazard: 9, fragmentation: 0), isBackfill: true))
        lease.phase = .ended
        lease.startedAt = time(5)
        lease.ranMilliseconds = 90_000
        task.leases = [lease]
        task.excludedNodes = [nodeID(3)]
        var result = TaskResult()
        result.output = #"{"loss":0.25}"#
        result.exitStatus = 0
        result.message = "done"
        result.ranMilliseconds = 90_000
        result.digest = digest(7)
        task.result = result
        task.heldMicros = 0
        task.costMicros = 10_000
        task.assignedAt = time(4)
        task.startedAt = time(5)
        task.updatedAt = time(95)
        task.endedAt = time(95)
        return task
    }

    static func deposit(_ number: UInt64, to user: String = "ana", micros: Int64 = 1_000_000) -> LedgerTransfer {
        LedgerTransfer(
            number: number, id: UUID128(high: 77, low: number), at: time(Int64(number)), kind: .deposit, debit: .world,
            credit: .available(UserID(user)), currency: .usd, amountMicros: micros, key: "deposit \(number)")
    }

    static func hold(_ number: UInt64, of user: String = "ana", micros: Int64 = 1000, task: Int = 1) -> LedgerTransfer {
        LedgerTransfer(
            number: number, id: UUID128(high: 78, low: number), at: time(Int64(number)), kind: .hold,
            debit: .available(UserID(user)), credit: .held(UserID(user)), currency: .usd, amountMicros: micros,
            task: taskID(task))
    }

    static func trust(_ node: Int) -> NodeTrust {
        var trust = NodeTrust(node: nodeID(node))
        trust.quarantine = .wrongResult
        trust.detail = "two of three \"copies\" differ"
        trust.since = time(8)
        trust.verifiedResults = 41
        trust.failedChallenges = .max
        return trust
    }
}

/// What a call threw, if anything.
func storeError(_ body: () throws(StoreError) -> Void) -> StoreError? {
    do throws(StoreError) {
        try body()
        return nil
    } catch { return error }
}

extension Draw {
    mutating func step() -> AlertStep { AlertStep(user: maybe { UserID($0.text()) }, at: time()) }

    /// Any alert that the Store may be asked to keep.
    mutating func alert() -> Alert {
        let reading = AlertReading(
            valueThousandths: maybe { $0.integer() }, thresholdThousandths: maybe { $0.integer() }, unit: text())
        let content = AlertContent(
            severity: AlertSeverity.allCases.randomElement(using: &self)!, kind: maybe { $0.text() },
            node: maybe { $0.node() }, message: text(), reading: reading)
        var alert = Alert(
            id: AlertID(uuid()), content: content, raised: step(), requestKey: maybe { $0.text() })
        alert.status = AlertStatus.allCases.randomElement(using: &self)!
        alert.acknowledged = maybe { $0.step() }
        alert.resolved = maybe { $0.step() }
        return alert
    }

    /// Any prediction that the Store may be asked to keep.
    mutating func prediction() -> Prediction {
        let results = list(3) { draw in
            PredictionResult(label: draw.text(), confidenceMillionths: draw.integer())
        }
        let content = PredictionContent(
            status: PredictionStatus.allCases.randomElement(using: &self)!, results: results,
            node: maybe { $0.node() }, model: maybe { $0.text() }, message: maybe { $0.text() })
        return Prediction(
            id: uuid(), content: content, sender: UserID(text()), requestKey: maybe { $0.text() }, madeAt: time())
    }
}
