public import Grid

/// A room as TriggerX clients name it: `job:…`, `task:…` or `user:…`.
public enum TriggerXRoom: Hashable, Sendable {
    case job(String)
    case task(TaskID)
    /// A task by its number, which is what the dialect calls `task_id`.
    case numberedTask(UInt64)
    case user(UserID)

    private static let jobPrefix = "job:"
    private static let taskPrefix = "task:"
    private static let userPrefix = "user:"

    /// Parses a room's name; `nil` for anything that is none.
    public init?(_ name: String) {
        if let job = Self.rest(of: name, behind: Self.jobPrefix, limit: Limits.jobIDBytes) {
            self = .job(job)
        } else if let user = Self.rest(of: name, behind: Self.userPrefix, limit: Limits.userIDBytes) {
            self = .user(UserID(user))
        } else if let text = Self.rest(of: name, behind: Self.taskPrefix, limit: UUID128.textLength) {
            if let task = TaskID(text) {
                self = .task(task)
            } else if let number = UInt64(text), "\(number)" == text {
                self = .numberedTask(number)
            } else {
                return nil
            }
        } else {
            return nil
        }
    }

    /// Bytes, as an accent at the beginning of what follows would be one character with the colon.
    private static func rest(of name: String, behind prefix: String, limit: Int) -> String? {
        guard name.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = name.utf8.dropFirst(prefix.utf8.count)
        guard (1...limit).contains(rest.count), rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(Substring(rest))
    }

    /// The name on the wire.
    public var name: String {
        switch self {
        case .job(let job): Self.jobPrefix + job
        case .task(let task): "\(Self.taskPrefix)\(task)"
        case .numberedTask(let number): "\(Self.taskPrefix)\(number)"
        case .user(let user): Self.userPrefix + user.text
        }
    }

    /// The Hub's room of the same events.
    public var room: Room {
        switch self {
        case .job(let job): .job(job)
        case .task(let task): .task(task)
        case .numberedTask(let number): .numberedTask(number)
        case .user(let user): .tasksOf(user)
        }
    }

    /// The room whose ``room`` that is; `nil` for one that is none's.
    public init?(room: Room) {
        switch room {
        case .job(let job): self = .job(job)
        case .task(let task): self = .task(task)
        case .numberedTask(let number): self = .numberedTask(number)
        case .tasksOf(let user): self = .user(user)
        case .base, .node, .topics, .nodeTopics, .aboutNode: return nil
        }
    }
}
