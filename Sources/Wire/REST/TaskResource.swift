import Bytes
import Grid

/// Writes a task as the REST interface shows it: what was asked for under the names by which it was asked for, then
/// what became of it.
enum TaskResource {
    /// Writes a task.
    static func write(_ summary: TaskSummary, to writer: inout JSONWriter) {
        let task = summary.record
        writer.beginObject()
        writer.field("task_id", task.id)
        writer.field("task_number", task.number)
        writer.field("job_id", task.job)
        writer.field("user_id", task.owner.text)
        writer.field("status", static: task.state.staticName)
        request(task.specification, to: &writer)
        writer.field("node_id", task.node)
        writer.field("epoch", task.epoch)
        writer.field("attempts_used", task.attempts)
        progress(summary, to: &writer)
        writer.field("held", fixed: task.heldMicros, decimals: 6)
        writer.field("fee", fixed: task.feeMicros, decimals: 6)
        outcome(task, to: &writer)
        writer.field("created_at", task.createdAt)
        writer.field("updated_at", task.updatedAt)
        writer.field("assigned_at", task.assignedAt)
        writer.field("started_at", task.startedAt)
        writer.field("ended_at", task.endedAt)
        writer.key("excluded_nodes")
        writer.beginArray()
        for node in task.excludedNodes { writer.uuid(node.uuid) }
        writer.endArray()
        writer.key("members")
        writer.beginArray()
        for lease in task.leases { member(lease, to: &writer) }
        writer.endArray()
        if task.specification.isExternal { execution(task.execution, to: &writer) }
        writer.endObject()
    }

    /// What an outside party told of a task that no node runs.
    private static func execution(_ execution: TaskExecution, to writer: inout JSONWriter) {
        writer.key("execution")
        writer.beginObject()
        for key in TaskExecution.Key.allCases { TriggerXEvents.write(execution[key], of: key, to: &writer) }
        writer.endObject()
    }

    /// Writes `result` and `cost`, each `null` before the task's end.
    static func outcome(_ task: TaskRecord, to writer: inout JSONWriter) {
        writer.key("result")
        if let result = task.result { write(result, to: &writer) } else { writer.null() }
        writer.key("cost")
        if let cost = task.costMicros {
            writer.beginObject()
            writer.field("amount", fixed: cost, decimals: 6)
            writer.field("currency", task.specification.currency.code)
            writer.endObject()
        } else {
            writer.null()
        }
    }

    private static func write(_ result: TaskResult, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("output")
        value(result.output, to: &writer)
        writer.key("tokens_used")
        writer.null()
        writer.field("processing_time", fixed: result.ranMilliseconds, decimals: 3)
        writer.field("fault", result.fault?.rawValue)
        writer.field("exit_status", result.exitStatus)
        writer.field("signal", result.signal)
        writer.field("message", known: result.message)
        writer.field("digest", result.digest.map { Hexadecimal.encode($0.bytes) })
        writer.endObject()
    }

    private static func progress(_ summary: TaskSummary, to writer: inout JSONWriter) {
        let report = summary.progress
        writer.field("progress", summary.record.state == .completed ? 100 : report?.percent)
        writer.field("stage", report?.stage)
        writer.field("message", report?.message)
        writer.field("eta_seconds", report?.etaSeconds)
    }

    // MARK: What was asked for

    /// Writes the fields of a task's body but for its job, as members of the open object.
    static func request(_ specification: TaskSpecification, to writer: inout JSONWriter) {
        let resources = specification.resources
        writer.field("runner", known: specification.runner)
        writer.key("arguments")
        writer.beginObject()
        for argument in specification.arguments {
            writer.key(argument.name)
            switch argument.value {
            case .text(let text): writer.string(text)
            case .integer(let number): writer.int(number)
            case .boolean(let truth): writer.bool(truth)
            }
        }
        writer.endObject()
        writer.key("input")
        value(specification.input, to: &writer)
        gpus(resources.gpu, to: &writer)
        writer.key("gpu_models")
        writer.beginArray()
        for model in resources.models.sorted() { writer.string(model) }
        writer.endArray()
        writer.field("vram_mib", resources.vramMebibytes)
        writer.field("cpu_milli", resources.cpuMilli)
        writer.field("memory_mib", resources.memoryMebibytes)
        writer.field("region", known: resources.region)
        writer.field("price_cap", fixed: resources.priceCapMicros, decimals: 6)
        writer.field("priority", specification.priority)
        writer.field("timeout_seconds", specification.timeoutSeconds)
        writer.field("attempts", specification.attempts)
        writer.field("gang_size", specification.gangSize)
        writer.field("currency", specification.currency.code)
        writer.field("model", specification.model)
        writer.field("estimated_duration", specification.estimatedDurationSeconds)
        writer.field("task_definition_id", specification.taskDefinitionID)
        writer.field("is_imua", specification.isIMUA)
    }

    private static func gpus(_ demand: GPUDemand, to writer: inout JSONWriter) {
        var count: Int?
        var milli: Int?
        switch demand {
        case .none: count = 0
        case .whole(let number): count = number
        case .share(let share): milli = share
        }
        writer.field("gpu_count", count)
        writer.field("gpu_milli", milli)
    }

    /// Writes a JSON value that was kept as text; empty = none.
    private static func value(_ json: String, to writer: inout JSONWriter) {
        guard !json.isEmpty else { return writer.null() }
        var json = json
        json.withUTF8 { writer.raw(bytes: UnsafeRawBufferPointer($0)) }
    }

    // MARK: Where it went

    private static func member(_ lease: TaskLease, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("member", lease.member)
        writer.field("node_id", lease.node)
        writer.key("gpus")
        writer.beginArray()
        for index in 0..<UInt64.bitWidth where lease.gpus & 1 << UInt64(index) != 0 { writer.int(index) }
        writer.endArray()
        writer.field("gpu_milli", lease.milliPerGPU)
        writer.field("billable_milli", lease.billableMilli)
        writer.field("price_per_hour", fixed: lease.pricePerHourMicros, decimals: 6)
        writer.field("phase", static: phase(lease.phase))
        writer.field("started_at", lease.startedAt)
        writer.field("ran_seconds", fixed: lease.ranMilliseconds, decimals: 3)
        writer.key("placement")
        explanation(lease.explanation, to: &writer)
        writer.endObject()
    }

    private static func phase(_ phase: TaskLease.Phase) -> StaticString {
        switch phase {
        case .offered: "offered"
        case .started: "started"
        case .ended: "ended"
        }
    }

    /// Why a member went where it went, in credits for each hour of its run.
    private static func explanation(_ explanation: PlacementExplanation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("winner")
        writer.beginObject()
        terms(explanation.winner, to: &writer)
        writer.endObject()
        writer.key("runner_up")
        if let node = explanation.runnerUp, let rest = explanation.runnerUpTerms {
            writer.beginObject()
            writer.field("node_id", node)
            terms(rest, to: &writer)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.field("difference", fixed: explanation.difference, decimals: 6)
        writer.field("backfill", explanation.isBackfill)
        writer.endObject()
    }

    private static func terms(_ terms: CostTerms, to writer: inout JSONWriter) {
        writer.field("price", fixed: terms.price, decimals: 6)
        writer.field("hazard", fixed: terms.hazard, decimals: 6)
        writer.field("fragmentation", fixed: terms.fragmentation, decimals: 6)
        writer.field("total", fixed: terms.total, decimals: 6)
    }
}
