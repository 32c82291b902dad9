internal import Grid

/// A task as the REST interface tells it; what this command does not show is left out.
struct TaskView: Decodable {
    struct Cost: Decodable {
        var amount: Double
        var currency: String
    }
    struct Result: Decodable {
        var output: OutputText?
        var processingTime: Double?
        var fault: String?
        var exitStatus: Int?
        var signal: Int?
        var message: String?
    }
    struct Terms: Decodable {
        var nodeId: String?
        var price: Double
        var hazard: Double
        var fragmentation: Double
        var total: Double
    }
    struct Placement: Decodable {
        var winner: Terms
        var runnerUp: Terms?
        var difference: Double?
        var backfill: Bool
    }
    struct Member: Decodable {
        var member: Int
        var nodeId: String
        var gpus: [Int]
        var pricePerHour: Double
        var phase: String
        var placement: Placement
    }

    var taskId: String
    var taskNumber: UInt64
    var jobId: String
    var userId: String
    var status: String
    var runner: String?
    var gpuCount: Int?
    var gpuMilli: Int?
    var priceCap: Double?
    var priority: Int
    var timeoutSeconds: Int64
    var currency: String
    var attempts: Int
    var nodeId: String?
    var epoch: UInt64
    var attemptsUsed: Int
    var progress: Int?
    var stage: String?
    var message: String?
    var etaSeconds: Int64?
    var held: Double
    var result: Result?
    var cost: Cost?
    var createdAt: String
    var startedAt: String?
    var endedAt: String?
    var members: [Member]

    /// Whether nothing can follow.
    var hasEnded: Bool { TaskState(name: status)?.isTerminal ?? false }
}

/// One page of `GET /api/v1/tasks`.
struct TaskPage: Decodable {
    var tasks: [TaskView]
    var nextCursor: String?
}

/// What a task gave, as far as a line of text can show it.
struct OutputText: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let number = try? container.decode(Double.self) {
            text = "\(number)"
        } else {
            text = "(see --json)"
        }
    }
}

/// A job as the REST interface tells it.
struct JobView: Decodable {
    var jobId: String
    var userId: String
    var status: String
    var progress: Int
    var counts: [String: Int]
    var tasks: [String]
    var createdAt: String
}

/// One page of `GET /api/v1/jobs`.
struct JobPage: Decodable {
    var jobs: [JobView]
    var nextCursor: String?
}

/// A piece of what a task wrote.
struct LogView: Decodable {
    struct Chunk: Decodable {
        var stream: String
        var offset: UInt64
        var text: String
    }
    var chunks: [Chunk]
    var next: UInt64
    var missed: UInt64
    var complete: Bool
}

/// What a user has, by currency.
struct AccountView: Decodable {
    struct Balance: Decodable {
        var total: Double
        var available: Double
        var locked: Double
    }
    var balances: [String: Balance]
}

extension Double {
    /// An amount of money, exactly as the coordinator counts it: in millionths.
    var money: String {
        guard abs(self) < 1e12 else { return "\(self)" }
        return DecimalAmount.text(Int64((self * 1_000_000).rounded()))
    }
}
