internal import Grid

/// A question to a node whose answer only work can tell: a chain of mixing steps from a random start, each of which
/// needs the one before. The runner `selftest` computes it; the Hub computes it again.
struct Challenge: Hashable, Sendable {
    static let runner = "selftest"
    /// A tenth of a millisecond here: often enough for a check, too little to feel.
    static let rounds: Int64 = 65_536
    static let timeoutSeconds: Int64 = 60
    /// Failed ones in a row after which a node is kept out.
    static let failuresAtMost: UInt32 = 3

    /// 53 bits, so that every JSON reader keeps it exactly.
    var seed: Int64
    var rounds = Challenge.rounds

    /// The last link: of SplitMix64's steps, each taken from what the one before gave.
    var value: UInt64 {
        var link = UInt64(bitPattern: seed)
        for _ in 0..<max(0, rounds) {
            link &+= 0x9E37_79B9_7F4A_7C15
            link = (link ^ (link >> 30)) &* 0xBF58_476D_1CE4_E5B9
            link = (link ^ (link >> 27)) &* 0x94D0_49BB_1331_11EB
            link ^= link >> 31
        }
        return link
    }

    /// Whether a run's output is the answer: an object whose only member `value` has 16 hexadecimal digits.
    func isAnswered(by output: String) -> Bool {
        let digits = String(value, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        let text = output.filter { $0 != " " && $0 != "\n" && $0 != "\t" && $0 != "\r" }
        return text == "{\"value\":\"\(padded)\"}"
    }

    /// In the form in which the runner takes it.
    var specification: TaskSpecification {
        var specification = TaskSpecification(
            runner: Self.runner, resources: ResourceRequest(gpu: .none), timeoutSeconds: Self.timeoutSeconds)
        specification.resources.priceCapMicros = Limits.priceMicros
        specification.arguments = [
            TaskArgument(name: "rounds", value: .integer(rounds)), TaskArgument(name: "seed", value: .integer(seed)),
        ]
        specification.attempts = 1
        specification.priority = 10
        return specification
    }

    init(seed: Int64, rounds: Int64 = Challenge.rounds) {
        self.seed = seed
        self.rounds = rounds
    }

    /// The challenge of a check task; `nil` where it is none.
    init?(_ specification: TaskSpecification) {
        func integer(_ name: String) -> Int64? {
            guard case .integer(let value)? = specification.arguments.first(where: { $0.name == name })?.value else {
                return nil
            }
            return value
        }
        guard specification.runner == Self.runner, let seed = integer("seed"), let rounds = integer("rounds"),
            (0...Self.rounds).contains(rounds)
        else { return nil }
        self.init(seed: seed, rounds: rounds)
    }
}

/// How fast a node has answered so far, by the Hub's own clock.
struct AnswerTimes: Hashable, Sendable {
    private(set) var fastestMilliseconds: Int64?
    private(set) var answers = 0

    /// Answers before which nobody knows what is usual.
    private static let leastAnswers = 5
    private static let slackMilliseconds: Int64 = 20_000
    private static let factor: Int64 = 8

    /// Notes a right answer; true if it came in its usual time, with much room for a busy machine.
    mutating func note(_ milliseconds: Int64) -> Bool {
        let taken = max(0, milliseconds)
        let usual = fastestMilliseconds ?? taken
        let isLate =
            answers >= Self.leastAnswers && taken > usual + Self.slackMilliseconds && taken / Self.factor > usual
        fastestMilliseconds = min(usual, taken)
        answers += 1
        return !isLate
    }
}

/// What a check task is for, as its key says it: all that a restart must know of it.
enum CheckPurpose: Hashable, Sendable {
    case challenge(NodeID)
    case copy(of: TaskID, NodeID)

    var key: String {
        switch self {
        case .challenge(let node): "challenge:\(node)"
        case .copy(let task, let node): "copy:\(task):\(node)"
        }
    }

    /// The node that it is for.
    var node: NodeID {
        switch self {
        case .challenge(let node), .copy(_, let node): node
        }
    }

    init?(key: String?) {
        let parts = (key ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard let node = parts.last.flatMap({ NodeID(String($0)) }) else { return nil }
        if parts.count == 2, parts[0] == "challenge" {
            self = .challenge(node)
        } else if parts.count == 3, parts[0] == "copy", let task = TaskID(String(parts[1])) {
            self = .copy(of: task, node)
        } else {
            return nil
        }
    }
}
