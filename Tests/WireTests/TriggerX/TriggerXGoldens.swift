import Bytes
import Grid

@testable import Wire

/// A value for each golden message and body of the TriggerX dialect.
enum TriggerXGoldens {
    private static let node = NativeGoldens.node
    /// As in the document's example.
    private static let time = Timestamp(milliseconds: 1_704_067_200_000)
    static let task = TaskID(UUID128(high: 0x6ba7_b810_9dad_41d1, low: 0x80b4_00c0_4fd4_30c8))

    static let events: [(name: String, event: LoggedEvent)] = [
        ("task_created", logged(created)),
        ("task_created_bare", logged(updated(.created, .pending, from: nil))),
        ("task_status_changed", logged(updated(.status, .running, from: .assigned))),
        ("task_status_changed_assigned", logged(updated(.status, .assigned, from: .pending))),
        ("task_status_changed_completed", logged(completed(.status, .completed))),
        ("task_status_changed_failed", logged(failed(.failed))),
        ("task_status_changed_cancelled", logged(failed(.cancelled))),
        ("task_updated_result", logged(completed(.result, .running))),
        ("task_updated", logged(executed)),
        ("task_fee_updated", logged(fee)),
    ]

    /// Events that the dialect has no message for.
    static let others: [RoomEvent] = [
        .systemNotification(NativeGoldens.notification), .balanceUpdated(TaskGoldens.balances),
        .paymentConfirmed(TaskGoldens.payment), .taskAssigned(TaskGoldens.assigned),
        .taskProgressed(TaskGoldens.progressed),
        .nodeListed(
            NodeListed(
                node: node, listing: NodeListing(isAvailable: true, isRented: false), pricePerHourMicros: nil,
                updatedAt: time)),
    ]

    private static func logged(_ update: TaskUpdated) -> LoggedEvent {
        var event = NativeGoldens.logged(.taskUpdated(update), offset: 1)
        event.at = time
        return event
    }

    private static func updated(
        _ kind: TaskUpdated.Kind, _ state: TaskState, from previous: TaskState?
    ) -> TaskUpdated {
        TaskUpdated(
            kind: kind, task: task, number: 123, job: "456", owner: UserID("user_789"), state: state,
            previous: previous, node: state == .pending ? nil : node, epoch: 1, updatedAt: time, currency: .usd)
    }

    private static var created: TaskUpdated {
        var event = updated(.created, .pending, from: nil)
        event.taskDefinitionID = 789
        event.isIMUA = false
        return event
    }

    private static func completed(_ kind: TaskUpdated.Kind, _ state: TaskState) -> TaskUpdated {
        var event = updated(kind, state, from: .running)
        var result = TaskResult()
        result.output = "{\"loss\":0.25,\"steps\":3}"
        result.exitStatus = 0
        result.ranMilliseconds = 2340
        event.result = result
        event.costMicros = 50_000
        return event
    }

    private static func failed(_ state: TaskState) -> TaskUpdated {
        var event = updated(.status, state, from: .running)
        var result = TaskResult()
        result.fault = state == .failed ? .timeout : .cancelled
        if state == .failed {
            result.signal = 15
            result.message = "stopped after 3600 s"
            result.ranMilliseconds = 3_600_250
        }
        event.result = result
        return event
    }

    private static var executed: TaskUpdated {
        var event = updated(.execution, .running, from: .running)
        event.execution = execution
        return event
    }

    private static var fee: TaskUpdated {
        var event = updated(.fee, .pending, from: .pending)
        event.feeMicros = 250_000
        return event
    }

    /// With every field that there is.
    static var execution: TaskExecution {
        var execution = TaskExecution()
        execution[.performer] = .integer(3)
        execution[.executedAt] = .time(time)
        execution[.transaction] = .text("0xabc")
        execution[.cost] = .micros(3000)
        execution[.proof] = .text("proof")
        execution[.attesters] = .integers([4, 5])
        execution[.performerSignature] = .text("0x01")
        execution[.attesterSignature] = .text("0x02")
        execution[.submission] = .text("0xdef")
        execution[.isAccepted] = .truth(true)
        execution[.isSuccessful] = .truth(false)
        return execution
    }

    static let replies: [(name: String, reply: TriggerXReply)] = [
        ("subscribed", .subscribed(.job("123"))),
        ("unsubscribed", .unsubscribed(.job("123"))),
        ("error", .error(TriggerXError(.accessDenied, "There is no room job:123 for you"))),
        ("error_revoked", .error(TriggerXError(.authenticationFailed, "The API key was revoked"))),
        ("error_key", .error(TriggerXError(.invalidKey, "Invalid API key"))),
    ]

    static let clientMessages: [(name: String, message: TriggerXMessage)] = [
        ("subscribe", .subscribe(room: "job:123")),
        ("subscribe_task", .subscribe(room: "task:456")),
        ("subscribe_user", .subscribe(room: "user:user_123")),
        ("unsubscribe", .unsubscribe(room: "job:123")),
    ]

    static let wish = TriggerXWish(job: "456", taskDefinitionID: 789, isIMUA: false)
    static let feeMicros: Int64 = 250_000
    static let report = TriggerXReport(execution: execution, state: .completed)

    private static var record: TaskRecord {
        var specification = TaskSpecification(
            runner: "", resources: ResourceRequest(gpu: .none), timeoutSeconds: Limits.defaultTaskSeconds)
        specification.resources.priceCapMicros = Limits.priceCapMicros
        specification.taskDefinitionID = 789
        specification.isIMUA = false
        var record = TaskRecord(
            id: task, number: 123, job: "456", owner: UserID("user_789"), specification: specification,
            createdAt: time)
        record.state = .running
        record.feeMicros = 250_000
        record.execution[.performer] = .integer(3)
        record.execution[.isAccepted] = .truth(true)
        record.updatedAt = time.adding(milliseconds: 1500)
        record.startedAt = record.updatedAt
        return record
    }

    /// What requests are answered.
    static let bodies: [(name: String, write: @Sendable (inout ByteBuffer) -> Void)] = [
        ("task", { TriggerXCodec.task(record, into: &$0) }),
        ("task_refused", { TriggerXCodec.refused("NOT_FOUND", "no such task", at: time, into: &$0) }),
        (
            "statistics",
            {
                TriggerXCodec.statistics(
                    clients: 5, rooms: 12,
                    details: [
                        (room: "job:123", subscribers: 2), (room: "user:user_789", subscribers: 2),
                        (room: "task:456", subscribers: 1),
                    ], into: &$0)
            }
        ),
        ("health", { TriggerXCodec.health(isHealthy: true, now: time, connections: 5, rooms: 12, into: &$0) }),
        (
            "task_external",
            { RESTCodec.task(TaskSummary(record: record, progress: nil), into: &$0) }
        ),
    ]

    /// The bodies that clients send.
    static let requests = ["task_submission", "task_fee", "task_execution"]

    /// Every golden file's name: what clients send is read, the rest is written.
    static var names: [String] {
        events.map(\.name) + replies.map(\.name) + clientMessages.map(\.name) + bodies.map(\.name) + requests
    }

    /// The time of every answer among the goldens.
    static let answeredAt = time
}
