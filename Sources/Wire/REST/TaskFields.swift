import Bytes
import Grid

/// What was read of a task's body so far; what is missing keeps its default.
struct TaskFields {
    private var job: String?
    private var runner: String?
    private var arguments: [TaskArgument] = []
    private var input = ""
    private var gpuCount: Int?
    private var gpuMilli: Int?
    private var models: Set<String> = []
    private var vram = 0
    private var cpuMilli = 0
    private var memory = 0
    private var region = ""
    private var priceCapMicros = Limits.priceCapMicros
    /// Takes the fields that stand in it as they are.
    private var kept = TaskSpecification(
        runner: "", resources: ResourceRequest(gpu: .none), timeoutSeconds: Limits.defaultTaskSeconds)

    private static let amounts = 0...Int(Int32.max)

    mutating func read(_ key: TaskKey, _ reader: inout MessageReader) throws(WireError) {
        let name = key.name
        switch key {
        case .runner: runner = try runnerName(&reader)
        case .arguments: arguments = try TaskArguments.read(&reader)
        case .input: input = try json(name, &reader)
        case .gpuCount: gpuCount = try reader.whole(name, in: 0...Limits.gpusPerNode)
        case .gpuMilli: gpuMilli = try reader.whole(name, in: 1...999)
        case .gpuModels: models = try gpuModels(&reader)
        case .vram: vram = try reader.whole(name, in: Self.amounts) ?? 0
        case .cpuMilli: cpuMilli = try reader.whole(name, in: Self.amounts) ?? 0
        case .memory: memory = try reader.whole(name, in: Self.amounts) ?? 0
        case .region: region = try reader.plain(name, limit: Limits.regionBytes) ?? ""
        case .priceCap: priceCapMicros = try reader.micros(name, in: 0...Limits.priceMicros) ?? Limits.priceCapMicros
        case .priority: kept.priority = try reader.whole(name, in: 0...10) ?? kept.priority
        case .timeoutSeconds:
            kept.timeoutSeconds = try reader.whole(name, in: 1...Limits.taskSeconds) ?? kept.timeoutSeconds
        case .attempts: kept.attempts = try reader.whole(name, in: 1...Limits.taskAttempts) ?? kept.attempts
        case .gangSize: kept.gangSize = try reader.whole(name, in: 1...Limits.gangMembers) ?? 1
        case .currency: kept.currency = try currency(&reader) ?? .usd
        case .jobID: job = try TaskDecoder.jobID(&reader)
        case .model: kept.model = try reader.plain(name, limit: Limits.factBytes)
        case .estimatedDuration: kept.estimatedDurationSeconds = try reader.whole(name, in: 1...Limits.taskSeconds)
        case .taskDefinitionID: kept.taskDefinitionID = try reader.whole(name, in: 0...Int64.max)
        case .isIMUA: kept.isIMUA = try reader.truth(name)
        }
    }

    /// All of it together.
    func wish(_ reader: MessageReader) throws(WireError) -> TaskWish {
        var specification = kept
        specification.runner = try reader.required(runner, TaskKey.runner.name)
        specification.arguments = arguments
        specification.input = input
        specification.resources = try resources(reader)
        return TaskWish(job: job, specification: specification)
    }

    private func resources(_ reader: MessageReader) throws(WireError) -> ResourceRequest {
        let gpu: GPUDemand
        switch (gpuCount, gpuMilli) {
        case (nil, nil), (0?, nil): gpu = .none
        case (nil, let milli?): gpu = .share(milli: milli)
        case (let count?, nil): gpu = .whole(count)
        case (_?, _?): throw reader.fault("gpu_milli", "excludes gpu_count")
        }
        if gpu == .none {
            if !models.isEmpty { throw reader.fault("gpu_models", "needs gpu_count or gpu_milli") }
            if vram > 0 { throw reader.fault("vram_mib", "needs gpu_count or gpu_milli") }
        }
        var resources = ResourceRequest(gpu: gpu, cpuMilli: cpuMilli, memoryMebibytes: memory)
        resources.models = models
        resources.vramMebibytes = vram
        resources.region = region
        resources.runner = runner ?? ""
        resources.priceCapMicros = priceCapMicros
        return resources
    }

    // MARK: Values

    /// The characters by which an operator may name an entry of the configuration, as runners are.
    private func runnerName(_ reader: inout MessageReader) throws(WireError) -> String? {
        guard let name = try reader.plain("runner", limit: Limits.runnerNameBytes) else { return nil }
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
        guard isName else { throw reader.fault("runner", "expected letters, digits, _ and -") }
        return name
    }

    private func json(_ name: StaticString, _ reader: inout MessageReader) throws(WireError) -> String {
        if try reader.kind() == .null {
            try reader.skip()
            return ""
        }
        let value = try reader.raw()
        guard value.count <= Limits.taskInputBytes else {
            throw reader.fault(name, "longer than \(Limits.taskInputBytes) bytes")
        }
        // It travels on in other messages, which have their own depth around it.
        var nested = JSONReader(value, maximumDepth: Limits.taskValueDepth)
        guard (try? nested.skipValue()) != nil else {
            throw reader.fault(name, "nested deeper than \(Limits.taskValueDepth)")
        }
        return String(decoding: value, as: UTF8.self)
    }

    private func gpuModels(_ reader: inout MessageReader) throws(WireError) -> Set<String> {
        var models: Set<String> = []
        guard try reader.beginArray("gpu_models") else { return models }
        var count = 0
        while try reader.nextElement() {
            guard count < Limits.filterValues else {
                throw reader.fault("gpu_models", "more than \(Limits.filterValues) values")
            }
            count += 1
            models.insert(
                try reader.required(reader.plain("gpu_models", limit: Limits.factBytes), "gpu_models"))
        }
        return models
    }

    private func currency(_ reader: inout MessageReader) throws(WireError) -> Currency? {
        guard let code = try reader.plain("currency", limit: 8) else { return nil }
        guard let currency = Currency(code) else { throw reader.fault("currency", "expected a code such as USD") }
        return currency
    }
}

/// The named values for a runner's placeholders.
enum TaskArguments {
    /// By name, ascending.
    static func read(_ reader: inout MessageReader) throws(WireError) -> [TaskArgument] {
        guard try reader.beginObject("arguments") else { return [] }
        var arguments: [TaskArgument] = []
        var names: Set<String> = []
        while let key = try reader.nextKey() {
            guard arguments.count < Limits.taskArguments else {
                throw reader.fault("arguments", "more than \(Limits.taskArguments)")
            }
            guard key.raw.count <= Limits.argumentNameBytes, !key.hasEscapes, isName(key.string) else {
                throw WireError(
                    .badRequest, field: "arguments.\"\(key.string.prefix(32))\"",
                    "a name has 1 to \(Limits.argumentNameBytes) of a to z, digits and _")
            }
            let name = key.string
            guard names.insert(name).inserted else {
                throw WireError(.badRequest, field: "arguments.\(name)", "is there twice")
            }
            arguments.append(TaskArgument(name: name, value: try value(of: name, &reader)))
        }
        return arguments.sorted { $0.name < $1.name }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
            }
    }

    private static func value(
        of name: String, _ reader: inout MessageReader
    ) throws(WireError) -> ArgumentValue {
        func fault(_ message: String) -> WireError {
            WireError(.badRequest, field: "arguments.\(name)", message)
        }
        switch try reader.kind() {
        case .bool: return .boolean(try reader.truth("arguments") ?? false)
        case .number:
            var number = JSONReader(try reader.raw())
            guard let value = try? number.readInt64() else { throw fault("expected a whole number of 64 bits") }
            return .integer(value)
        case .string:
            let limit = Limits.argumentTextBytes
            guard let text = try reader.name("arguments") else { throw fault("expected a value") }
            guard text.raw.count <= limit * 6 else { throw fault("longer than \(limit) bytes") }
            let decoded = text.string
            guard decoded.utf8.count <= limit else { throw fault("longer than \(limit) bytes") }
            guard !decoded.utf8.contains(0) else { throw fault("holds a NUL") }
            return .text(decoded)
        case .object, .array, .null: throw fault("expected a string, a whole number, true or false")
        }
    }
}

extension MessageReader {
    /// A text of 1 to `limit` bytes without a NUL.
    mutating func plain(_ name: StaticString, limit: Int) throws(WireError) -> String? {
        guard let text = try text(name, limit: limit) else { return nil }
        guard !text.isEmpty else { throw fault(name, "empty") }
        guard !text.utf8.contains(0) else { throw fault(name, "holds a NUL") }
        return text
    }

    /// `true` or `false`.
    fileprivate mutating func truth(_ name: StaticString) throws(WireError) -> Bool? {
        switch try kind() {
        case .bool: return try raw().first == UInt8(ascii: "t")
        case .null:
            try skip()
            return nil
        default: throw fault(name, "expected true or false")
        }
    }

    /// An amount of money to the millionth of its unit.
    mutating func micros(
        _ name: StaticString, in range: ClosedRange<Int64>
    ) throws(WireError) -> Int64? {
        switch try kind() {
        case .number:
            var number = JSONReader(try raw())
            guard let value = try? number.readFixed(decimals: 6), range.contains(value) else {
                throw fault(name, "expected a number from 0 to \(range.upperBound / 1_000_000)")
            }
            return value
        case .null:
            try skip()
            return nil
        default: throw fault(name, "expected a number")
        }
    }
}
