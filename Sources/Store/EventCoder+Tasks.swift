import Bytes
import Grid

/// What happens to tasks, as the Store keeps it.
extension EventCoder {
    // MARK: Updates

    static func write(_ event: TaskUpdated, to writer: inout JSONWriter) {
        writer.field("what", name(of: event.kind))
        writer.field("task", event.task.description)
        writer.field("number", event.number)
        writer.field("job", event.job)
        writer.field("owner", event.owner.text)
        writer.field("state", event.state.name)
        writer.present("previous", event.previous?.name)
        writer.present("node", event.node?.description)
        writer.field("epoch", event.epoch)
        writer.field("updated_at", event.updatedAt.milliseconds)
        if let result = event.result { writer.object("result") { TaskCoder.write(result, to: &$0) } }
        writer.present("cost_micros", event.costMicros)
        writer.present("fee_micros", event.feeMicros)
        if !event.execution.isEmpty { writer.object("execution") { TaskCoder.write(event.execution, to: &$0) } }
        writer.field("currency", event.currency.code)
        writer.present("task_definition_id", event.taskDefinitionID)
        writer.present("is_imua", event.isIMUA)
        writer.present("job_end", event.jobEnd?.name)
        write(event.jobStanding, to: &writer)
    }

    /// Two keys, of all events about tasks.
    private static func write(_ standing: JobStanding?, to writer: inout JSONWriter) {
        writer.present("job_percent", standing?.percent)
        writer.present("job_state", standing?.state.name)
    }

    /// Both keys, or none.
    private static func standing(_ percent: Int?, _ state: TaskState?) -> JobStanding? {
        guard let percent, let state else { return nil }
        return JobStanding(percent: percent, state: state)
    }

    private static func name(of kind: TaskUpdated.Kind) -> String {
        switch kind {
        case .created: "created"
        case .status: "status"
        case .result: "result"
        case .fee: "fee"
        case .execution: "execution"
        }
    }

    static func taskUpdated(_ reader: inout JSONReader) throws(JSONError) -> TaskUpdated {
        var (what, task, number, job, owner): (TaskUpdated.Kind?, TaskID?, UInt64?, String?, String?)
        var (state, previous, node, epoch, updatedAt): (TaskState?, TaskState?, NodeID?, UInt64?, Int64?)
        var (result, cost, fee, currency): (TaskResult?, Int64?, Int64?, Currency?)
        var (definition, isIMUA, jobEnd): (Int64?, Bool?, TaskState?)
        var (jobPercent, jobState): (Int?, TaskState?)
        var execution = TaskExecution()
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "execution": execution = try TaskCoder.execution(&reader)
            case "what":
                what = try reader.readNamed { text in TaskUpdated.Kind.allCases.first { name(of: $0) == text } }
            case "task": task = try reader.readNamed { TaskID($0) }
            case "number": number = try reader.readUInt64()
            case "job": job = try reader.readString()
            case "owner": owner = try reader.readString()
            case "state": state = try reader.readNamed { TaskState(name: $0) }
            case "previous": previous = try reader.readNamed { TaskState(name: $0) }
            case "node": node = try reader.readNamed { NodeID($0) }
            case "epoch": epoch = try reader.readUInt64()
            case "updated_at": updatedAt = try reader.readInt64()
            case "result": result = try TaskCoder.result(&reader)
            case "cost_micros": cost = try reader.readInt64()
            case "fee_micros": fee = try reader.readInt64()
            case "currency": currency = try reader.readNamed { Currency($0) }
            case "task_definition_id": definition = try reader.readInt64()
            case "is_imua": isIMUA = try reader.readBool()
            case "job_end": jobEnd = try reader.readNamed { TaskState(name: $0) }
            case "job_percent": jobPercent = try reader.readInteger()
            case "job_state": jobState = try reader.readNamed { TaskState(name: $0) }
            default: try reader.skipValue()
            }
        }
        var event = TaskUpdated(
            kind: try reader.required(what), task: try reader.required(task), number: try reader.required(number),
            job: try reader.required(job), owner: UserID(try reader.required(owner)),
            state: try reader.required(state), previous: previous, node: node, epoch: try reader.required(epoch),
            updatedAt: Timestamp(milliseconds: try reader.required(updatedAt)),
            currency: try reader.required(currency))
        event.result = result
        event.costMicros = cost
        event.feeMicros = fee
        event.execution = execution
        event.taskDefinitionID = definition
        event.isIMUA = isIMUA
        event.jobEnd = jobEnd
        event.jobStanding = standing(jobPercent, jobState)
        return event
    }

    // MARK: Assignments

    static func write(_ event: TaskAssigned, to writer: inout JSONWriter) {
        writer.field("task", event.task.description)
        writer.field("number", event.number)
        writer.field("job", event.job)
        writer.field("owner", event.owner.text)
        writer.field("node", event.node.description)
        writer.field("epoch", event.epoch)
        writer.present("model", event.model)
        writer.field("priority", event.priority)
        writer.present("estimated_duration_seconds", event.estimatedDurationSeconds)
        writer.field("assigned_at", event.assignedAt.milliseconds)
        write(event.jobStanding, to: &writer)
    }

    static func taskAssigned(_ reader: inout JSONReader) throws(JSONError) -> TaskAssigned {
        var (task, number, job, owner, node): (TaskID?, UInt64?, String?, String?, NodeID?)
        var (epoch, model, priority, duration, assignedAt): (UInt64?, String?, Int?, Int64?, Int64?)
        var (jobPercent, jobState): (Int?, TaskState?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "task": task = try reader.readNamed { TaskID($0) }
            case "number": number = try reader.readUInt64()
            case "job": job = try reader.readString()
            case "owner": owner = try reader.readString()
            case "node": node = try reader.readNamed { NodeID($0) }
            case "epoch": epoch = try reader.readUInt64()
            case "model": model = try reader.readString()
            case "priority": priority = try reader.readInteger()
            case "estimated_duration_seconds": duration = try reader.readInt64()
            case "assigned_at": assignedAt = try reader.readInt64()
            case "job_percent": jobPercent = try reader.readInteger()
            case "job_state": jobState = try reader.readNamed { TaskState(name: $0) }
            default: try reader.skipValue()
            }
        }
        var event = TaskAssigned(
            task: try reader.required(task), number: try reader.required(number), job: try reader.required(job),
            owner: UserID(try reader.required(owner)), node: try reader.required(node),
            epoch: try reader.required(epoch), priority: try reader.required(priority),
            assignedAt: Timestamp(milliseconds: try reader.required(assignedAt)))
        event.model = model
        event.estimatedDurationSeconds = duration
        event.jobStanding = standing(jobPercent, jobState)
        return event
    }

    // MARK: Progress

    static func write(_ event: TaskProgressed, to writer: inout JSONWriter) {
        writer.field("task", event.task.description)
        writer.field("number", event.number)
        writer.field("job", event.job)
        writer.field("node", event.node.description)
        writer.field("epoch", event.epoch)
        writer.field("sequence", event.progress.sequence)
        writer.field("percent", event.progress.percent)
        writer.present("stage", event.progress.stage)
        writer.present("message", event.progress.message)
        writer.present("eta_seconds", event.progress.etaSeconds)
        writer.field("at", event.at.milliseconds)
        write(event.jobStanding, to: &writer)
    }

    static func taskProgressed(_ reader: inout JSONReader) throws(JSONError) -> TaskProgressed {
        var (task, number, job, node, epoch): (TaskID?, UInt64?, String?, NodeID?, UInt64?)
        var (sequence, percent, stage, message): (UInt64?, Int?, String?, String?)
        var (eta, at, jobPercent, jobState): (Int64?, Int64?, Int?, TaskState?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "task": task = try reader.readNamed { TaskID($0) }
            case "number": number = try reader.readUInt64()
            case "job": job = try reader.readString()
            case "node": node = try reader.readNamed { NodeID($0) }
            case "epoch": epoch = try reader.readUInt64()
            case "sequence": sequence = try reader.readUInt64()
            case "percent": percent = try reader.readInteger()
            case "stage": stage = try reader.readString()
            case "message": message = try reader.readString()
            case "eta_seconds": eta = try reader.readInt64()
            case "at": at = try reader.readInt64()
            case "job_percent": jobPercent = try reader.readInteger()
            case "job_state": jobState = try reader.readNamed { TaskState(name: $0) }
            default: try reader.skipValue()
            }
        }
        var progress = ProgressReport(
            sequence: try reader.required(sequence), percent: try reader.required(percent))
        progress.stage = stage
        progress.message = message
        progress.etaSeconds = eta
        var event = TaskProgressed(
            task: try reader.required(task), number: try reader.required(number), job: try reader.required(job),
            node: try reader.required(node), epoch: try reader.required(epoch), progress: progress,
            at: Timestamp(milliseconds: try reader.required(at)))
        event.jobStanding = standing(jobPercent, jobState)
        return event
    }
}
