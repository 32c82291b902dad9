import Bytes
import Grid

/// A task's changing part as the Store keeps it: a JSON object of what no column has, by the rules of ``EventCoder``.
enum TaskCoder {
    // MARK: Writing

    /// What stands in the row's body.
    static func encode(_ task: TaskRecord) -> String {
        JSONWriter.text { writer in
            writer.field("attempts", task.attempts)
            writer.field("held_micros", task.heldMicros)
            writer.present("cost_micros", task.costMicros)
            writer.present("fee_micros", task.feeMicros)
            writer.present("assigned_at", task.assignedAt?.milliseconds)
            writer.present("started_at", task.startedAt?.milliseconds)
            if !task.leases.isEmpty {
                writer.array("leases", task.leases) { writer, lease in
                    writer.beginObject()
                    write(lease, to: &writer)
                    writer.endObject()
                }
            }
            if !task.excludedNodes.isEmpty {
                writer.array("excluded_nodes", task.excludedNodes) { $0.string($1.description) }
            }
            if !task.execution.isEmpty { writer.object("execution") { write(task.execution, to: &$0) } }
            if let result = task.result { writer.object("result") { write(result, to: &$0) } }
            if task.isCheck { writer.field("is_check", true) }
            if task.requestTaskCount != 1 { writer.field("request_tasks", task.requestTaskCount) }
        }
    }

    private static func write(_ lease: TaskLease, to writer: inout JSONWriter) {
        writer.field("member", lease.member)
        writer.field("node", lease.node.description)
        writer.field("gpus", lease.gpus)
        writer.field("milli_per_gpu", lease.milliPerGPU)
        writer.field("billable_milli", lease.billableMilli)
        writer.field("price_per_hour_micros", lease.pricePerHourMicros)
        writer.field("phase", name(of: lease.phase))
        writer.present("started_at", lease.startedAt?.milliseconds)
        writer.present("ran_ms", lease.ranMilliseconds)
        let explanation = lease.explanation
        writer.object("terms") { write(explanation.winner, to: &$0) }
        writer.present("runner_up", explanation.runnerUp?.description)
        if let terms = explanation.runnerUpTerms { writer.object("runner_up_terms") { write(terms, to: &$0) } }
        if explanation.isBackfill { writer.field("is_backfill", true) }
    }

    private static func write(_ terms: CostTerms, to writer: inout JSONWriter) {
        writer.field("price", terms.price)
        writer.field("hazard", terms.hazard)
        writer.field("fragmentation", terms.fragmentation)
    }

    /// The members of a result; in tasks and in events.
    static func write(_ result: TaskResult, to writer: inout JSONWriter) {
        if !result.output.isEmpty { writer.field("output", result.output) }
        writer.present("fault", result.fault?.rawValue)
        writer.present("exit_status", result.exitStatus)
        writer.present("signal", result.signal)
        if !result.message.isEmpty { writer.field("message", result.message) }
        writer.field("ran_ms", result.ranMilliseconds)
        writer.present("digest", result.digest.map { Hexadecimal.encode($0.bytes) })
    }

    private static func name(of phase: TaskLease.Phase) -> String {
        switch phase {
        case .offered: "offered"
        case .started: "started"
        case .ended: "ended"
        }
    }

    // MARK: Reading

    /// Sets what the body says; `false` for a body that this version did not write.
    static func decode(_ body: String, into task: inout TaskRecord) -> Bool {
        let read = JSONReader.value(of: body) { (reader) throws(JSONError) in
            var read = task
            try members(&reader, into: &read)
            return read
        }
        guard let read else { return false }
        task = read
        return true
    }

    private static func members(_ reader: inout JSONReader, into task: inout TaskRecord) throws(JSONError) {
        var (attempts, held): (Int?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "attempts": attempts = try reader.readInteger()
            case "held_micros": held = try reader.readInt64()
            case "cost_micros": task.costMicros = try reader.readInt64()
            case "fee_micros": task.feeMicros = try reader.readInt64()
            case "assigned_at": task.assignedAt = Timestamp(milliseconds: try reader.readInt64())
            case "started_at": task.startedAt = Timestamp(milliseconds: try reader.readInt64())
            case "leases": task.leases = try reader.readArray(lease)
            case "excluded_nodes":
                task.excludedNodes = try reader.readArray { (reader) throws(JSONError) in
                    try reader.readNamed { NodeID($0) }
                }
            case "execution": task.execution = try execution(&reader)
            case "result": task.result = try result(&reader)
            case "is_check": task.isCheck = try reader.readBool()
            case "request_tasks": task.requestTaskCount = try reader.readInteger()
            default: try reader.skipValue()
            }
        }
        task.attempts = try reader.required(attempts)
        task.heldMicros = try reader.required(held)
    }

    private static func lease(_ reader: inout JSONReader) throws(JSONError) -> TaskLease {
        var (member, node, gpus, milli): (Int?, NodeID?, UInt64?, Int?)
        var (billable, price, phase): (Int64?, Int64?, TaskLease.Phase?)
        var (startedAt, ran): (Timestamp?, Int64?)
        var (terms, runnerUp, runnerUpTerms): (CostTerms?, NodeID?, CostTerms?)
        var isBackfill = false
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "member": member = try reader.readInteger()
            case "node": node = try reader.readNamed { NodeID($0) }
            case "gpus": gpus = try reader.readUInt64()
            case "milli_per_gpu": milli = try reader.readInteger()
            case "billable_milli": billable = try reader.readInt64()
            case "price_per_hour_micros": price = try reader.readInt64()
            case "phase":
                phase = try reader.readNamed { text in TaskLease.Phase.allCases.first { name(of: $0) == text } }
            case "started_at": startedAt = Timestamp(milliseconds: try reader.readInt64())
            case "ran_ms": ran = try reader.readInt64()
            case "terms": terms = try costTerms(&reader)
            case "runner_up": runnerUp = try reader.readNamed { NodeID($0) }
            case "runner_up_terms": runnerUpTerms = try costTerms(&reader)
            case "is_backfill": isBackfill = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        var lease = TaskLease(
            member: try reader.required(member), node: try reader.required(node), gpus: try reader.required(gpus),
            milliPerGPU: try reader.required(milli), billableMilli: try reader.required(billable),
            pricePerHourMicros: try reader.required(price),
            explanation: PlacementExplanation(
                winner: try reader.required(terms), runnerUp: runnerUp, runnerUpTerms: runnerUpTerms,
                isBackfill: isBackfill))
        lease.phase = try reader.required(phase)
        lease.startedAt = startedAt
        lease.ranMilliseconds = ran
        return lease
    }

    private static func costTerms(_ reader: inout JSONReader) throws(JSONError) -> CostTerms {
        var (price, hazard, fragmentation): (Int64?, Int64?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "price": price = try reader.readInt64()
            case "hazard": hazard = try reader.readInt64()
            case "fragmentation": fragmentation = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return CostTerms(
            price: try reader.required(price), hazard: try reader.required(hazard),
            fragmentation: try reader.required(fragmentation))
    }

    /// A result as ``write(_:to:)-(TaskResult,_)`` wrote it.
    static func result(_ reader: inout JSONReader) throws(JSONError) -> TaskResult {
        var result = TaskResult()
        var ran: Int64?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "output": result.output = try reader.readString()
            case "fault": result.fault = try reader.readNamed { TaskFault(rawValue: $0) }
            case "exit_status": result.exitStatus = try reader.readInteger()
            case "signal": result.signal = try reader.readInteger()
            case "message": result.message = try reader.readString()
            case "ran_ms": ran = try reader.readInt64()
            case "digest": result.digest = try reader.readNamed(digest)
            default: try reader.skipValue()
            }
        }
        result.ranMilliseconds = try reader.required(ran)
        return result
    }

    private static func digest(_ text: String) -> Digest256? {
        guard let bytes = Hexadecimal.decode(text), bytes.count == 32 else { return nil }
        return Digest256(bytes: bytes)
    }
}
