import Grid

/// The events about one task and its owner's money, for the golden messages of the native dialect.
enum TaskGoldens {
    private static let task = AgentGoldens.task
    private static let node = AgentGoldens.node
    private static let job = "nightly-batch"
    private static let owner = UserID("user123")
    private static let time = SampleMaker.takenAt

    private static func updated(
        _ kind: TaskUpdated.Kind, _ state: TaskState, from previous: TaskState?, epoch: UInt64
    ) -> TaskUpdated {
        TaskUpdated(
            kind: kind, task: task, number: 17, job: job, owner: owner, state: state, previous: previous,
            node: epoch == 0 ? nil : node, epoch: epoch, updatedAt: time, currency: .usd)
    }

    private static func result(_ outcome: RunOutcome) -> TaskResult {
        var result = TaskResult()
        result.output = outcome.output
        result.fault = outcome.fault
        result.exitStatus = outcome.exitStatus
        result.signal = outcome.signal
        result.message = outcome.message
        result.ranMilliseconds = outcome.ranMilliseconds
        return result
    }

    static var created: TaskUpdated { updated(.created, .pending, from: nil, epoch: 0) }

    static var completed: TaskUpdated {
        var event = updated(.status, .completed, from: .running, epoch: 7)
        event.result = result(AgentGoldens.completed)
        event.costMicros = 50_000
        return event
    }

    static var failed: TaskUpdated {
        var event = updated(.status, .failed, from: .running, epoch: 7)
        event.result = result(AgentGoldens.failed)
        return event
    }

    static var assigned: TaskAssigned {
        var event = TaskAssigned(
            task: task, number: 17, job: job, owner: owner, node: node, epoch: 7, priority: 5, assignedAt: time)
        event.model = "gpt-4"
        event.estimatedDurationSeconds = 120
        return event
    }

    static var progressed: TaskProgressed {
        TaskProgressed(
            task: task, number: 17, job: job, node: node, epoch: 7, progress: AgentGoldens.progress, at: time)
    }

    static var balances: BalanceUpdated {
        BalanceUpdated(
            user: owner,
            balances: [
                Balance(currency: .neuro, availableMicros: 850_250_000, lockedMicros: 150_250_000),
                Balance(currency: .usd, availableMicros: 100_000_000, lockedMicros: 25_000_000),
            ], updatedAt: time)
    }

    static var payment: PaymentConfirmed {
        PaymentConfirmed(
            transaction: NativeGoldens.connection, user: owner, amountMicros: 25_500_000, currency: .neuro,
            kind: .taskPayment, task: task, confirmedAt: time)
    }
}
