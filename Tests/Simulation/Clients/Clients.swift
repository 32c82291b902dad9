internal import Grid
internal import Hub

/// What clients and operators mean to do, and what they were promised: their own log, which no crash of the coordinator
/// touches.
struct Clients {
    /// Tasks that are wanted together, with the name that makes a repetition harmless.
    struct Submission {
        var owner: UserID
        var keys: [String]?
        var job: String?
        var specifications: [TaskSpecification]
        var tries = 0
        /// What was acknowledged; empty before.
        var tasks: [TaskID] = []
        var isRefused = false
        /// Every identifier that was drawn for one of them.
        var drawn: [[TaskID]] = []
    }

    struct Deposit {
        var user: UserID
        var currency: Currency
        var micros: Int64
        var key: String
        var isAcknowledged = false
        var tries = 0
    }

    enum Step {
        case enrol(Int)
        case deposit(Int)
        case submit(Int)
        /// Again what was acknowledged already.
        case repeatSubmission
        /// Another wish under a name that is taken.
        case conflict
        case cancel
        case cancelJob
        case drain(Int, Bool)
        case quarantine(Int, Bool)
        case ask
        /// After the healing: whoever is kept out is let in again.
        case operatorRound
    }

    /// A request that waits for its answer.
    enum Request {
        case enrol(Int)
        case deposit(Int)
        case submit(Int)
        case conflict
        case cancel(TaskID, isOwner: Bool)
        case cancelJob(String)
        case manage
        case ask(TaskID)
    }

    var steps: [Step] = []
    var submissions: [Submission] = []
    var deposits: [Deposit] = []
    var pending: [UInt32: Request] = [:]
    var nextRequest: UInt32 = 1
    var nextTask: UInt64 = 1
    /// Steps that are still to come.
    var stepsLeft = 0
    /// Cancellations that were acknowledged.
    var cancelled: Set<TaskID> = []

    var isIdle: Bool { stepsLeft == 0 && pending.isEmpty }

    static let session = SessionID(bits: 1)
    static let admin = Asker(user: UserID("root"), isAdmin: true)
    static let currencies = [Currency.usd, .neuro]
}
