/// Where a task stands.
public enum TaskState: UInt8, Hashable, Sendable, CaseIterable {
    /// It waits for a place.
    case pending
    /// It has a place; its agent has not said yet that it runs.
    case assigned
    case running
    case completed
    case failed
    case cancelled
    /// Its node fell silent, or no longer has it. Not an end: it is pending again, or failed, in the same step.
    case lost

    /// The name on the wire and on disk.
    public var name: String { "\(staticName)" }

    public var staticName: StaticString {
        switch self {
        case .pending: "pending"
        case .assigned: "assigned"
        case .running: "running"
        case .completed: "completed"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .lost: "lost"
        }
    }

    public init?(name: some StringProtocol) {
        guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }

    /// Whether nothing can follow.
    public var isTerminal: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        case .pending, .assigned, .running, .lost: false
        }
    }
}

/// Why a task, or one run of it, ended otherwise than well. The raw value is the name on the wire and on disk.
public enum TaskFault: String, Hashable, Sendable, CaseIterable {
    // What an agent reports of a run
    /// The program ended with a status other than 0.
    case exitStatus = "exit_status"
    /// A signal that was not ours ended it.
    case signal
    case timeout
    /// The kernel took it for want of memory.
    case outOfMemory = "out_of_memory"
    /// It wrote more than it may.
    case outputLimit = "output_limit"
    /// The program could not be started.
    case spawn
    /// The agent does not take it: its runners, arguments or free devices do not fit.
    case rejected
    /// The agent stopped it, since it had not reached the coordinator for as long as its lease allows.
    case leaseExpired = "lease_expired"
    /// The agent was stopped, or came back without it.
    case agentStopped = "agent_stopped"
    /// A GPU it held failed.
    case deviceFailed = "device_failed"
    // What the coordinator decides
    /// Its node fell silent.
    case nodeLost = "node_lost"
    /// It was cancelled.
    case cancelled
    /// Every attempt that it may have failed.
    case attemptsExhausted = "attempts_exhausted"
    /// Its node was found to cheat.
    case nodeQuarantined = "node_quarantined"
    /// Copies of it on several nodes gave different results.
    case resultsDisagree = "results_disagree"

    /// Whether the coordinator alone can say so: from an agent it means nothing.
    public var isCoordinatorsWord: Bool {
        switch self {
        case .nodeLost, .cancelled, .attemptsExhausted, .nodeQuarantined, .resultsDisagree: true
        case .exitStatus, .signal, .timeout, .outOfMemory, .outputLimit, .spawn, .rejected, .leaseExpired,
            .agentStopped, .deviceFailed:
            false
        }
    }

    /// Whether the same run may well succeed on another node, so that it is worth an attempt.
    public var isNodesFault: Bool {
        switch self {
        case .spawn, .rejected, .leaseExpired, .agentStopped, .deviceFailed, .nodeLost, .nodeQuarantined: true
        case .exitStatus, .signal, .timeout, .outOfMemory, .outputLimit, .cancelled, .attemptsExhausted,
            .resultsDisagree:
            false
        }
    }
}
