internal import Grid

/// Members of `components.schemas`: what several messages have.
extension AsyncAPI {
    static let sharedSchemas: [(key: String, value: JSONSchema)] =
        [
            ("Code", .one(of: Refusal.Code.allCases.map(\.rawValue))),
            ("NodeStatus", .one(of: NodeStatus.allCases.map(\.name))),
            ("TaskState", .one(of: TaskState.allCases.map(\.name))),
            ("TaskFault", .one(of: TaskFault.allCases.map(\.rawValue))),
            ("Position", .object(position)),
            ("HealthReason", healthReason),
            ("Hops", hops),
            ("Specifications", specifications),
            ("Location", location),
            ("GPU", gpu),
            ("AgentSpecifications", agentSpecifications),
            ("AgentLocation", agentLocation),
        ] + eventSchemas

    // MARK: The native dialect's

    /// Where an event stands in its room's log.
    static let position: JSONSchema.Fields = ["epoch": .natural, "offset": .natural]

    /// What is told of a node's health beside its other facts.
    static let health: JSONSchema.Fields = [
        "health_score": .integer(from: 0, to: 100).orNull,
        "health_coverage": .integer(from: 0, to: 100).meaning("Percent of the readings that it rests on"),
        "health_reasons": .list(of: .shared("HealthReason")),
    ]

    private static let healthReason: JSONSchema = .object([
        "code": .string, "message": .string, "points": .integer.meaning("What it takes from the score"),
    ])

    private static let hops: JSONSchema = .object([
        "sampled": .integer, "received": .integer, "published": .integer,
    ]).meaning("When the sample was where, in microseconds since 1970")

    private static let location: JSONSchema = .object([
        "region": .string.orNull, "city": .string.orNull, "country": .string.orNull,
    ])

    private static let specifications: JSONSchema = .object([
        "gpu": .string.orNull.meaning("The commonest model"),
        "gpu_memory": .natural.orNull.meaning("Of one card, in GB of 2³⁰ bytes"),
        "cpu": .string.orNull,
        "ram": .natural.orNull.meaning("GB of 2³⁰ bytes"),
        "storage": .natural.orNull.meaning("Fixed disks, in 10⁹ bytes"),
        "network_speed": .natural.orNull.meaning("Mbit/s"),
        "gpu_count": .natural,
        "cpu_cores": .natural.orNull,
        "operating_system": .string.orNull,
        "driver_version": .string.orNull,
        "agent_version": .string.orNull,
    ])

    private static let gpu: JSONSchema = .object([
        "index": .natural,
        "uuid": .string.orNull,
        "name": .string.orNull,
        "pci_bus_id": .string.orNull,
        "state": .one(of: GPUState.allCases.map(\.name)).orNull,
        "gpu_utilization": .percent.orNull,
        "memory_usage": .number.orNull.meaning("GB of 2³⁰ bytes"),
        "temperature": .integer.orNull.meaning("°C"),
        "power_draw": .number.orNull.meaning("W"),
        "memory_total": .number.orNull.meaning("GB of 2³⁰ bytes"),
        "memory_activity": .percent.orNull,
        "power_limit": .number.orNull.meaning("W"),
        "sm_clock": .natural.orNull.meaning("MHz"),
        "memory_clock": .natural.orNull.meaning("MHz"),
        "fan_speed": .natural.orNull.meaning("Percent"),
        "throttle_reasons": JSONSchema.list(of: .string).orNull,
        "uncorrected_errors": .natural.orNull,
        "processes": JSONSchema.list(of: .object(["pid": .natural, "memory_usage": .number.orNull])).orNull,
    ])
}
