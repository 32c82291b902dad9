/// A value of a runner's placeholder.
public enum ArgumentValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
}

/// A named value for a runner's placeholder.
public struct TaskArgument: Hashable, Sendable {
    /// 1 to ``Limits/argumentNameBytes`` bytes of `a`–`z`, digits and `_`.
    public var name: String
    /// A text has at most ``Limits/argumentTextBytes`` bytes and no NUL.
    public var value: ArgumentValue
    public init(name: String, value: ArgumentValue) {
        self.name = name
        self.value = value
    }
}

/// What a task's owner asked for; it never changes.
public struct TaskSpecification: Hashable, Sendable {
    /// The runner that is to run it; empty for an external task, which is never routed (TriggerX).
    public var runner: String
    /// By name, each once, ascending; at most ``Limits/taskArguments``.
    public var arguments: [TaskArgument] = []
    /// A JSON value for the task to read, at most ``Limits/taskInputBytes`` bytes; empty = none.
    public var input = ""
    /// What it must find on a node. ``ResourceRequest/priceCapMicros`` is always there, in credits (USD).
    public var resources: ResourceRequest
    /// Members that start together or not at all, 1 to ``Limits/gangMembers``.
    public var gangSize = 1
    /// 0 (last) to 10 (first).
    public var priority = 5
    /// A run is stopped after so long; 1 to ``Limits/taskSeconds``.
    public var timeoutSeconds: Int64
    /// Attempts it may have, the first included; 1 to ``Limits/taskAttempts``.
    public var attempts = 5
    /// What it is paid in.
    public var currency = Currency.usd
    // The documents' own fields.
    public var model: String?
    public var estimatedDurationSeconds: Int64?
    public var taskDefinitionID: Int64?
    public var isIMUA: Bool?

    public init(runner: String, resources: ResourceRequest, timeoutSeconds: Int64) {
        self.runner = runner
        self.resources = resources
        self.timeoutSeconds = timeoutSeconds
    }

    /// Whether nobody runs it: it is only recorded.
    public var isExternal: Bool { runner.isEmpty }
}

/// A wish for one task. The texts and amounts were read by the edge, and are checked by the Hub.
public struct TaskSubmission: Hashable, Sendable {
    /// Drawn at random by the edge.
    public var task: TaskID
    public var owner: UserID
    /// 1 to ``Limits/jobIDBytes`` bytes; `nil` makes a job of the task's own UUID.
    public var job: String?
    /// What the submitter named this request: the same name again is the same request.
    public var key: String?
    public var specification: TaskSpecification

    public init(
        task: TaskID, owner: UserID, job: String? = nil, key: String? = nil, specification: TaskSpecification
    ) {
        self.task = task
        self.owner = owner
        self.job = job
        self.key = key
        self.specification = specification
    }
}
