internal import Dispatch
internal import Grid
internal import Service
internal import Synchronization

/// Lives the seeds that the command line names.
struct SimulateCommand {
    static let command = Command(
        "", summary: "Lives seeded histories and looks for a rule that does not hold.",
        flags: [
            Flag("seeds", .integer(1...1_000_000_000), placeholder: "N", meaning: "how many", defaultText: "1000"),
            Flag("first", .integer(0...Int64.max), placeholder: "N", meaning: "the first seed", defaultText: "1"),
            Flag("seed", .integer(0...Int64.max), placeholder: "N", meaning: "this seed alone"),
            Flag("trace", .bool, meaning: "tell all that happens"),
            Flag("hashes", .bool, meaning: "print each seed's hash of all effects"),
            Flag("bug", .text(), placeholder: "NAME", meaning: "the planted bug to find, in a build that has them"),
            Flag("list-bugs", .bool, meaning: "print the names of all bugs that can be planted"),
            Flag(
                "fraud", .bool,
                meaning: "three providers of ten cheat: what they are paid, and what finding them costs"),
            Flag("nodes", .integer(10...100), placeholder: "N", meaning: "providers, with --fraud", defaultText: "40"),
            Flag(
                "tasks", .integer(1...10_000), placeholder: "N", meaning: "tasks for each provider, with --fraud",
                defaultText: "1200"),
            Flag("jobs", .integer(1...256), placeholder: "N", meaning: "threads", defaultText: "2"),
        ])

    private let bug: String?
    private let listsBugs: Bool
    private let first: UInt64
    private let count: UInt64
    private let tells: Bool
    private let showsHashes: Bool
    private let jobs: Int
    private let fraud: FraudScenario?

    init(_ arguments: Arguments) {
        bug = arguments.text("bug")
        listsBugs = arguments.isSet("list-bugs")
        let alone = arguments.integer("seed")
        first = UInt64(alone ?? arguments.integer("first") ?? 1)
        var scenario = FraudScenario()
        if let nodes = arguments.integer("nodes") { scenario.nodes = Int(nodes) }
        if let tasks = arguments.integer("tasks") { scenario.tasksPerNode = Int(tasks) }
        fraud = arguments.isSet("fraud") ? scenario : nil
        count = alone == nil ? UInt64(arguments.integer("seeds") ?? (fraud == nil ? 1000 : 20)) : 1
        tells = arguments.isSet("trace")
        showsHashes = arguments.isSet("hashes")
        jobs = alone == nil ? Int(arguments.integer("jobs") ?? 2) : 1
    }

    /// Chooses the bug that is planted, before anything happens.
    private func plant() {
        guard let bug else { return }
        guard let planted = PlantedBug(rawValue: bug) else { refuse("there is no bug \(bug)") }
        #if PLANTED_BUGS
            PlantedBug.chosen = planted
        #else
            refuse("this build has no bugs planted, so none can be \(planted.rawValue)")
        #endif
    }

    private func refuse(_ words: String) -> Never {
        StandardStream.error.write("neurogrid-simulate: \(words)\n")
        StandardStream.exit(ExitCode.usage)
    }

    func run() {
        if listsBugs { return PlantedBug.allCases.forEach { print($0.rawValue) } }
        plant()
        if tells {
            let outcome = World(seed: first, trace: Trace(isTold: true, limit: 1), fraud: fraud).run()
            print("seed \(first): \(outcome.digest.hexadecimal)")
            if let violation = outcome.violation { fail(outcome, violation) }
            return
        }
        let began = ContinuousClock.now
        let campaign = Campaign(first: first, count: count)
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let seed = campaign.next() { campaign.note(World(seed: seed, fraud: fraud).run()) }
        }
        let sum = campaign.sum
        if showsHashes {
            for (seed, hash) in sum.hashes.sorted(by: { $0.0 < $1.0 }) { print("\(seed) \(hash.hexadecimal)") }
        }
        if let outcome = sum.worst, let violation = outcome.violation { fail(outcome, violation) }
        guard !showsHashes else { return }
        if fraud != nil { tell(FraudReport(sum.bills)) }
        let elapsed = began.duration(to: .now).components
        let milliseconds = max(elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000, 1)
        let virtual = Int64(sum.virtualNanoseconds / 1_000_000)
        print(
            """
            \(sum.seeds) seeds without a violation: \(sum.events) events, \(sum.tasks) tasks, \(sum.runs) runs, \
            \(virtual / 1000) virtual seconds in \(milliseconds) ms, \
            \(virtual / milliseconds / Int64(jobs)) × real time on each of \(jobs) threads
            """)
    }

    /// What cheaters were paid; more than is promised is a failure.
    private func tell(_ report: FraudReport) {
        for line in report.lines { print(line) }
        if !report.isKept { StandardStream.exit(1) }
    }

    /// Lives the history again, this time with ears open, and says what went wrong.
    private func fail(_ outcome: Outcome, _ violation: Violation) -> Never {
        let trace = Trace(isTold: false, limit: 30)
        let again = World(seed: outcome.seed, trace: trace, fraud: fraud).run()
        for line in trace.last { print(line) }
        print(
            """
            seed \(outcome.seed), event \(violation.event), second \(violation.at / 1_000_000_000): \
            \(violation.code): \(violation.words)
            """)
        if again.digest != outcome.digest {
            print("and it does not replay: the second life of the seed was another one")
        }
        StandardStream.exit(1)
    }
}

/// What several threads find out together.
final class Campaign: Sendable {
    struct Sum {
        var seeds = 0
        var events = 0
        var tasks = 0
        var runs = 0
        var virtualNanoseconds: UInt64 = 0
        var hashes: [(UInt64, UInt64)] = []
        var bills: [(UInt64, FraudBill)] = []
        /// Of the lowest seed that violated a rule.
        var worst: Outcome?
    }

    private struct State {
        var next: UInt64
        var sum = Sum()
    }

    private let end: UInt64
    private let state: Mutex<State>

    init(first: UInt64, count: UInt64) {
        end = first + count
        state = Mutex(State(next: first))
    }

    var sum: Sum { state.withLock { $0.sum } }

    /// The next seed; `nil` when all are taken or one has failed.
    func next() -> UInt64? {
        state.withLock { state in
            guard state.next < end, state.sum.worst == nil else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func note(_ outcome: Outcome) {
        state.withLock { state in
            state.sum.seeds += 1
            state.sum.events += outcome.events
            state.sum.tasks += outcome.tasks
            state.sum.runs += outcome.runs
            state.sum.virtualNanoseconds += outcome.virtualNanoseconds
            state.sum.hashes.append((outcome.seed, outcome.digest))
            if let bill = outcome.bill { state.sum.bills.append((outcome.seed, bill)) }
            guard outcome.violation != nil, state.sum.worst.map({ outcome.seed < $0.seed }) ?? true else { return }
            state.sum.worst = outcome
        }
    }
}

extension UInt64 {
    /// Sixteen digits.
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
