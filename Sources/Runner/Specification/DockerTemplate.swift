internal import Grid

/// The command line of the docker client for one container.
///
/// The container has no network unless the operator gives it one, no capabilities, no way to more privileges, and the
/// GPUs of the run by their UUID. The client is told of its signals; what a killed client leaves behind is removed by
/// name, see ``removal(_:)``.
public struct DockerTemplate: Hashable, Sendable {
    /// The absolute path of the client.
    public var client: String
    /// The images that tasks may name.
    public var images: [String]
    /// `none`, `bridge`, or a network of the operator's.
    public var network: String

    public init(client: String = "/usr/bin/docker", images: [String], network: String = "none") {
        self.client = client
        self.images = images
        self.network = network
    }

    var rules: [ArgumentRule] { [ArgumentRule("image", .choice(images))] + RunnerSpecification.freeRules }

    /// The container's name, from which alone its run can be told.
    static func container(_ run: RunID) -> String { "neurogrid-\(run.task)-\(run.epoch)-\(run.member)" }

    func words(_ values: ArgumentValues, run: RunID, limits: EffectiveLimits, devices: [String]) throws(RunFault)
        -> [String]
    {
        var words = [
            client, "run", "--rm", "--init", "--name", Self.container(run), "--network", network,
            "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit",
            String(limits.processes ?? 4096),
            "--env", "NEUROGRID_TASK_ID=\(run.task)",
        ]
        if let memory = limits.memoryMebibytes { words += ["--memory", "\(memory)m", "--memory-swap", "\(memory)m"] }
        if let cpu = limits.cpuMilli {
            let thousandths = String(cpu % 1000)
            words += ["--cpus", "\(cpu / 1000)." + String(repeating: "0", count: 3 - thousandths.count) + thousandths]
        }
        // The client reads a list of comma-separated fields here, so the list of devices is one quoted field.
        if !devices.isEmpty { words += ["--gpus", "\"device=\(devices.joined(separator: ","))\""] }
        // Behind this, nothing is an option of the client.
        words += ["--", values["image"] ?? ""]
        return try words + RunnerSpecification.freeWords(values)
    }

    /// Removes the container of a run whose client was killed.
    func removal(_ run: RunID) -> [String] { [client, "rm", "--force", "--volumes", Self.container(run)] }
}
