import Bytes
import Grid

/// What a task's owner asked for as the Store keeps it: a JSON object by the rules of ``EventCoder``, in a row of its
/// own, since it may be large and never changes.
enum SpecificationCoder {
    // MARK: Writing

    /// What stands in the row's body.
    static func encode(_ specification: TaskSpecification) -> String {
        JSONWriter.text { writer in
            writer.field("runner", specification.runner)
            if !specification.arguments.isEmpty {
                writer.object("arguments") { writer in
                    for argument in specification.arguments {
                        writer.key(argument.name)
                        switch argument.value {
                        case .text(let text): writer.string(text)
                        case .integer(let integer): writer.int(integer)
                        case .boolean(let flag): writer.bool(flag)
                        }
                    }
                }
            }
            if !specification.input.isEmpty { writer.field("input", specification.input) }
            writer.object("resources") { write(specification.resources, to: &$0) }
            writer.field("gang_size", specification.gangSize)
            writer.field("priority", specification.priority)
            writer.field("timeout_seconds", specification.timeoutSeconds)
            writer.field("attempts", specification.attempts)
            writer.field("currency", specification.currency.code)
            writer.present("model", specification.model)
            writer.present("estimated_duration_seconds", specification.estimatedDurationSeconds)
            writer.present("task_definition_id", specification.taskDefinitionID)
            writer.present("is_imua", specification.isIMUA)
        }
    }

    private static func write(_ resources: ResourceRequest, to writer: inout JSONWriter) {
        switch resources.gpu {
        case .none: break
        case .share(let milli): writer.field("gpu_milli", milli)
        case .whole(let count): writer.field("gpu_count", count)
        }
        // Sorted, so that the same wish is the same text.
        if !resources.models.isEmpty { writer.array("models", resources.models.sorted()) { $0.string($1) } }
        writer.field("vram_mebibytes", resources.vramMebibytes)
        writer.field("cpu_milli", resources.cpuMilli)
        writer.field("memory_mebibytes", resources.memoryMebibytes)
        if !resources.region.isEmpty { writer.field("region", resources.region) }
        if !resources.runner.isEmpty { writer.field("runner", resources.runner) }
        writer.present("price_cap_micros", resources.priceCapMicros)
    }

    // MARK: Reading

    /// The specification; `nil` for a body that this version did not write.
    static func decode(_ body: String) -> TaskSpecification? { JSONReader.value(of: body, specification) }

    private static func specification(_ reader: inout JSONReader) throws(JSONError) -> TaskSpecification {
        var (runner, resources, timeout, gangSize): (String?, ResourceRequest?, Int64?, Int?)
        var (priority, attempts, currency): (Int?, Int?, Currency?)
        var (arguments, input): ([TaskArgument], String) = ([], "")
        var (model, duration, definition, isIMUA): (String?, Int64?, Int64?, Bool?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "runner": runner = try reader.readString()
            case "arguments": arguments = try self.arguments(&reader)
            case "input": input = try reader.readString()
            case "resources": resources = try self.resources(&reader)
            case "gang_size": gangSize = try reader.readInteger()
            case "priority": priority = try reader.readInteger()
            case "timeout_seconds": timeout = try reader.readInt64()
            case "attempts": attempts = try reader.readInteger()
            case "currency": currency = try reader.readNamed { Currency($0) }
            case "model": model = try reader.readString()
            case "estimated_duration_seconds": duration = try reader.readInt64()
            case "task_definition_id": definition = try reader.readInt64()
            case "is_imua": isIMUA = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        var specification = TaskSpecification(
            runner: try reader.required(runner), resources: try reader.required(resources),
            timeoutSeconds: try reader.required(timeout))
        specification.arguments = arguments
        specification.input = input
        specification.gangSize = try reader.required(gangSize)
        specification.priority = try reader.required(priority)
        specification.attempts = try reader.required(attempts)
        specification.currency = try reader.required(currency)
        specification.model = model
        specification.estimatedDurationSeconds = duration
        specification.taskDefinitionID = definition
        specification.isIMUA = isIMUA
        return specification
    }

    private static func arguments(_ reader: inout JSONReader) throws(JSONError) -> [TaskArgument] {
        var arguments: [TaskArgument] = []
        try reader.beginObject()
        while let name = try reader.nextKey()?.string {
            let value: ArgumentValue =
                switch try reader.peek() {
                case .string: .text(try reader.readString())
                case .bool: .boolean(try reader.readBool())
                default: .integer(try reader.readInt64())
                }
            arguments.append(TaskArgument(name: name, value: value))
        }
        return arguments
    }

    private static func resources(_ reader: inout JSONReader) throws(JSONError) -> ResourceRequest {
        var (gpu, vram, cpu, memory): (GPUDemand, Int?, Int?, Int?) = (.none, nil, nil, nil)
        var (models, region, runner, cap): (Set<String>, String, String, Int64?) = ([], "", "", nil)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "gpu_milli": gpu = .share(milli: try reader.readInteger())
            case "gpu_count": gpu = .whole(try reader.readInteger())
            case "models":
                models = Set(try reader.readArray { (reader) throws(JSONError) in try reader.readString() })
            case "vram_mebibytes": vram = try reader.readInteger()
            case "cpu_milli": cpu = try reader.readInteger()
            case "memory_mebibytes": memory = try reader.readInteger()
            case "region": region = try reader.readString()
            case "runner": runner = try reader.readString()
            case "price_cap_micros": cap = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        var resources = ResourceRequest(
            gpu: gpu, cpuMilli: try reader.required(cpu), memoryMebibytes: try reader.required(memory))
        resources.models = models
        resources.vramMebibytes = try reader.required(vram)
        resources.region = region
        resources.runner = runner
        resources.priceCapMicros = cap
        return resources
    }
}
