internal import Service

/// Prints how much of a trace's GPUs the router allocates, seed by seed.
struct ReplayRun {
    static let command = Command(
        "replay", summary: "Replays lists of tasks on a list of nodes: the share of GPUs that ends up allocated.",
        flags: [
            Flag("nodes", .text(), placeholder: "FILE", meaning: "the list of nodes, CSV", isRequired: true),
            Flag("seed", .integer(0...Int64.max), placeholder: "N", meaning: "the first seed", defaultText: "42"),
            Flag("seeds", .integer(1...1000), placeholder: "N", meaning: "seeds from there on", defaultText: "10"),
            Flag("cold", .bool, meaning: "the router learns the workload from the arrivals alone"),
        ],
        positionals: [
            Positional(
                "tasks", .text(), meaning: "the lists of tasks, CSV", isRequired: true, takesRest: true)
        ])

    private let nodes: String
    private let lists: [String]
    private let seeds: ClosedRange<UInt64>
    private let isCold: Bool

    init(_ arguments: Arguments) {
        nodes = arguments.text("nodes") ?? ""
        lists = arguments.texts("tasks")
        let first = UInt64(arguments.integer("seed") ?? 42)
        seeds = first...(first + UInt64(arguments.integer("seeds") ?? 10) - 1)
        isCold = arguments.isSet("cold")
    }

    func run() throws {
        let nodes = try TraceFile.nodes(nodes)
        print("| List | seed | allocated % | at 100 % arrived | arrivals | dropped | decisions/s | digest |")
        print("|---|---|---|---|---|---|---|---|")
        for list in lists {
            let replay = TraceReplay(nodes: nodes, tasks: try TraceFile.tasks(list), knowsWorkload: !isCold)
            let name = list.split(separator: "/").last.map(String.init) ?? list
            var sums: (full: Int64, capacity: Int64, arrivals: Int) = (0, 0, 0)
            let began = ContinuousClock.now
            for seed in seeds {
                let start = ContinuousClock.now
                let outcome = replay.run(seed: seed)
                sums.full += outcome.milliPercent
                sums.capacity += outcome.milliPercentAtCapacity
                sums.arrivals += outcome.arrivals
                let figures = [
                    name, "\(seed)", percent(outcome.milliPercent), percent(outcome.milliPercentAtCapacity),
                    "\(outcome.arrivals)", "\(outcome.dropped)", rate(outcome.arrivals, since: start),
                    String(outcome.digest, radix: 16),
                ]
                print("| " + figures.joined(separator: " | ") + " |")
            }
            let count = Int64(seeds.count)
            let mean = [
                name, "**mean**", "**\(percent(sums.full / count))**", percent(sums.capacity / count), "", "",
                rate(sums.arrivals, since: began), "",
            ]
            print("| " + mean.joined(separator: " | ") + " |")
        }
    }

    private func percent(_ milli: Int64) -> String {
        let fraction = String(milli % 1000)
        return "\(milli / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private func rate(_ count: Int, since start: ContinuousClock.Instant) -> String {
        let elapsed = start.duration(to: .now)
        let microseconds = elapsed.components.seconds * 1_000_000 + elapsed.components.attoseconds / 1_000_000_000_000
        return "\(Int64(count) * 1_000_000 / max(microseconds, 1))"
    }
}
