internal import Glibc

internal import Grid
internal import Hub
internal import Service

/// The processor time that this thread has had, in nanoseconds: what others of the machine take meanwhile is theirs.
func threadNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Measures decisions on a large grid that is in use: each step ends a task and places another one.
struct SpeedRun {
    static let command = Command(
        "speed", summary: "Decisions a second and their latencies on a large, busy grid.",
        flags: [
            Flag("nodes", .integer(1...100_000), placeholder: "N", meaning: "nodes", defaultText: "10000"),
            Flag("gpus", .integer(1...64), placeholder: "N", meaning: "GPUs of each", defaultText: "8"),
            Flag("decisions", .integer(1000...100_000_000), placeholder: "N", meaning: "a run", defaultText: "200000"),
            Flag("runs", .integer(1...100), placeholder: "N", meaning: "runs", defaultText: "5"),
            Flag(
                "load", .integer(1...100), placeholder: "PERCENT", meaning: "of the GPUs taken meanwhile",
                defaultText: "85"),
        ])

    private let nodes: Int
    private let gpus: Int
    private let decisions: Int
    private let runs: Int
    private let loadPercent: Int

    init(_ arguments: Arguments) {
        nodes = Int(arguments.integer("nodes") ?? 10_000)
        gpus = Int(arguments.integer("gpus") ?? 8)
        decisions = Int(arguments.integer("decisions") ?? 200_000)
        runs = Int(arguments.integer("runs") ?? 5)
        loadPercent = Int(arguments.integer("load") ?? 85)
    }

    func run() {
        print("| run | decisions/s | p50 µs | p99 µs | p99.9 µs | max µs | waited | calibration ms |")
        print("|---|---|---|---|---|---|---|---|")
        var rates: [Int] = []
        for run in 1...runs {
            let before = Self.calibrationMicroseconds()
            var grid = BusyGrid(nodes: nodes, gpus: gpus, seed: UInt64(run))
            grid.fill(toPercent: loadPercent)
            grid.churn(decisions / 10)
            let (nanoseconds, waited) = grid.churn(decisions)
            let calibration = (before + Self.calibrationMicroseconds()) / 2
            let sorted = nanoseconds.sorted()
            let rate = Int(UInt64(decisions) * 1_000_000_000 / max(nanoseconds.reduce(0, +), 1))
            rates.append(rate)
            let figures =
                [run, rate].map(String.init)
                + [500, 990, 999].map { microseconds(sorted[min(sorted.count * $0 / 1000, sorted.count - 1)]) }
                + [microseconds(sorted[sorted.count - 1]), "\(waited)", "\(calibration / 1000)"]
            print("| " + figures.joined(separator: " | ") + " |")
        }
        print("| **median** | **\(rates.sorted()[rates.count / 2])** | | | | | | |")
    }

    private func microseconds(_ nanoseconds: UInt64) -> String {
        "\(nanoseconds / 1000).\(nanoseconds % 1000 / 100)"
    }

    /// How long the machine takes for a fixed chain of dependent additions and multiplications, to tell its speed
    /// at the time from the router's.
    private static func calibrationMicroseconds() -> Int64 {
        var draw = Draw(1)
        let start = threadNanoseconds()
        var sum: UInt64 = 0
        for _ in 0..<100_000_000 { sum &+= draw.next() }
        let elapsed = threadNanoseconds() - start
        precondition(sum != 0, "the sum is wanted, so that the loop is not left out")
        return Int64(elapsed / 1000)
    }
}

/// A grid at work: nodes of eight models, tasks of 128 shapes.
struct BusyGrid {
    private var router = Router()
    private var draw: Draw
    private var shapes: [ResourceRequest] = []
    private var running: [TaskID] = []
    private var placements: [Placement] = []
    private var nextTask: UInt64 = 0
    private var now: UInt64 = 0
    private let capacityMilli: Int64

    init(nodes: Int, gpus: Int, seed: UInt64) {
        draw = Draw(seed)
        capacityMilli = Int64(nodes * gpus) * 1000
        for number in 0..<nodes {
            var capacity = NodeCapacity(
                model: "model \(draw.below(8))", gpuCount: gpus, cpuMilli: gpus * (8 + 8 * draw.below(3)) * 1000,
                memoryMebibytes: gpus * 65_536)
            // Hundreds of prices and some ailing nodes, as among many providers.
            capacity.pricePerGPUHourMicros = Int64(300 + draw.below(400)) * 1000
            capacity.healthScore = 100 - (draw.below(10) == 0 ? draw.below(60) : draw.below(5))
            router.upsert(NodeID(UUID128(high: 1, low: UInt64(number))), capacity)
        }
        for number in 0..<128 { shapes.append(Self.shape(number, gpus: gpus, &draw)) }
    }

    /// Six of ten want whole GPUs, three a share, one none; a fifth insists on some models.
    private static func shape(_ number: Int, gpus: Int, _ draw: inout Draw) -> ResourceRequest {
        let demand: GPUDemand
        switch number % 10 {
        case 0: demand = .none
        case 1...3: demand = .share(milli: 50 * (1 + draw.below(19)))
        case 4...7: demand = .whole(1)
        case 8: demand = .whole(min(2, gpus))
        default: demand = .whole(min(4 * (1 + draw.below(2)), gpus))
        }
        let cores = 1 + draw.below(8) * max(1, demand.milli / 1000)
        var request = ResourceRequest(
            gpu: demand, cpuMilli: cores * 1000, memoryMebibytes: cores * 1024 * (1 + draw.below(4)))
        if draw.below(5) == 0 { request.models = Set((0..<3).map { _ in "model \(draw.below(8))" }) }
        return request
    }

    private mutating func submit() {
        let id = TaskID(UUID128(high: 2, low: nextTask))
        nextTask += 1
        now += 20_000
        // Common shapes are much commoner than rare ones.
        let resources = shapes[min(draw.below(128), draw.below(128))]
        let request = PlacementRequest(
            task: id, user: UserID("user \(draw.below(32))"), resources: resources,
            predictedSeconds: Int64(600 << draw.below(4)), limitSeconds: 86_400)
        precondition(router.enqueue(request, now: now), "the grid's tasks are valid")
        placements.removeAll(keepingCapacity: true)
        router.place(now: now, into: &placements)
        for placement in placements where placement.member == 0 { running.append(placement.task) }
    }

    /// Submits tasks until so much is taken, or one has to wait.
    mutating func fill(toPercent percent: Int) {
        while router.heldGPUMilli * 100 < capacityMilli * Int64(percent), router.waitingCount == 0 { submit() }
    }

    /// Ends a task drawn from all and submits another, again and again. Returns what each step took in nanoseconds,
    /// and how often it left a task waiting.
    @discardableResult
    mutating func churn(_ steps: Int) -> (nanoseconds: [UInt64], waited: Int) {
        var spans: [UInt64] = []
        spans.reserveCapacity(steps)
        var waited = 0
        for _ in 0..<steps {
            let start = threadNanoseconds()
            if !running.isEmpty {
                let place = draw.below(running.count)
                running.swapAt(place, running.count - 1)
                router.release(running.removeLast(), now: now)
            }
            submit()
            spans.append(threadNanoseconds() - start)
            if router.waitingCount > 0 { waited += 1 }
        }
        return (spans, waited)
    }
}
