public import Grid

/// A message about one task, either way: what every such message has, and the whole of it as it came.
///
/// The link carries these messages whole; what they mean is the task desk's business on either side.
public struct TaskEnvelope: Hashable, Sendable {
    public var kind: Kind
    public var task: TaskID
    /// The lease under which the task runs; a message of an older lease counts for nothing.
    public var epoch: UInt64
    /// The message as it stood on the wire, one JSON object, unknown fields included.
    public var json: [UInt8]

    /// The messages about tasks, as spelled on the wire.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Coordinator to agent.
        case assign, cancel, stop
        /// Agent to coordinator.
        case progress, result

        /// Whether agents say it; the others are said by the coordinator.
        public var isFromAgent: Bool {
            switch self {
            case .progress, .result: true
            case .assign, .cancel, .stop: false
            }
        }
    }

    public init(kind: Kind, task: TaskID, epoch: UInt64, json: [UInt8]) {
        self.kind = kind
        self.task = task
        self.epoch = epoch
        self.json = json
    }
}
