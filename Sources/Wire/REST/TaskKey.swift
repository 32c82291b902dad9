import Bytes

/// The keys of a task as its submitter writes it, in the order in which tasks are shown.
enum TaskKey: Int, WireKey, CaseIterable {
    case runner, arguments, input, gpuCount, gpuMilli, gpuModels, vram, cpuMilli, memory, region, priceCap, priority,
        timeoutSeconds, attempts, gangSize, currency, jobID, model, estimatedDuration, taskDefinitionID, isIMUA

    var name: StaticString {
        switch self {
        case .runner: "runner"
        case .arguments: "arguments"
        case .input: "input"
        case .gpuCount: "gpu_count"
        case .gpuMilli: "gpu_milli"
        case .gpuModels: "gpu_models"
        case .vram: "vram_mib"
        case .cpuMilli: "cpu_milli"
        case .memory: "memory_mib"
        case .region: "region"
        case .priceCap: "price_cap"
        case .priority: "priority"
        case .timeoutSeconds: "timeout_seconds"
        case .attempts: "attempts"
        case .gangSize: "gang_size"
        case .currency: "currency"
        case .jobID: "job_id"
        case .model: "model"
        case .estimatedDuration: "estimated_duration"
        case .taskDefinitionID: "task_definition_id"
        case .isIMUA: "is_imua"
        }
    }
}
