import Grid

/// Random messages about runs, within the wire's limits and often at them.
enum TaskMaker {
    static func run(using generator: inout Seeded) -> RunID {
        RunID(
            task: TaskID(UUID128(high: generator.next(), low: generator.next())),
            epoch: generator.next() >> 1 | 1, member: Int.random(in: 0..<Limits.gangMembers, using: &generator))
    }

    static func order(using generator: inout Seeded) -> TaskOrder {
        let run = run(using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return .assign(assignment(run, using: &generator))
        case 1: return .cancel(run)
        case 2: return .stop(run, TaskFault.allCases.randomElement(using: &generator)!)
        default: return .settled(run, counted: Bool.random(using: &generator))
        }
    }

    static func report(using generator: inout Seeded) -> TaskReport {
        let run = run(using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return TaskReport(run: run, body: .started)
        case 1: return TaskReport(run: run, body: .progress(progress(using: &generator)))
        case 2:
            let chunk = LogChunk(
                stream: Bool.random(using: &generator) ? .stdout : .stderr, offset: generator.next() >> 1,
                text: text(Limits.logChunkBytes, using: &generator))
            return TaskReport(run: run, body: .log(chunk))
        default: return TaskReport(run: run, body: .ended(outcome(using: &generator)))
        }
    }

    static func holdings(using generator: inout Seeded) -> [RunHolding] {
        (0..<Int.random(in: 0...Limits.runsPerNode, using: &generator)).map { _ in
            RunHolding(run: run(using: &generator), hasEnded: Bool.random(using: &generator))
        }
    }

    private static func assignment(_ run: RunID, using generator: inout Seeded) -> RunAssignment {
        var names: Set<String> = []
        while names.count < Int.random(in: 0...5, using: &generator) {
            names.insert(String((0..<8).map { _ in "abcxyz019_".randomElement(using: &generator)! }))
        }
        return RunAssignment(
            run: run, runner: "r" + text(Limits.runnerNameBytes - 1, using: &generator),
            arguments: names.sorted().map { TaskArgument(name: $0, value: argument(using: &generator)) },
            input: Bool.random(using: &generator) ? "" : value(using: &generator), gpus: generator.next(),
            milliPerGPU: Int.random(in: 0...1000, using: &generator),
            cpuMilli: Int.random(in: 0...Int(Int32.max), using: &generator),
            memoryMebibytes: Int.random(in: 0...Int(Int32.max), using: &generator),
            timeoutSeconds: Int64.random(in: 1...Limits.taskSeconds, using: &generator),
            gangSize: Int.random(in: run.member + 1...Limits.gangMembers, using: &generator),
            leaseMilliseconds: Int64.random(in: 1...Limits.taskSeconds * 1000, using: &generator))
    }

    private static func argument(using generator: inout Seeded) -> ArgumentValue {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: .text(text(Limits.argumentTextBytes, using: &generator).replacing("\u{0}", with: ""))
        case 1: .integer(Int64(truncatingIfNeeded: generator.next()))
        default: .boolean(Bool.random(using: &generator))
        }
    }

    private static func progress(using generator: inout Seeded) -> ProgressReport {
        var progress = ProgressReport(
            sequence: generator.next() >> 1 | 1, percent: Int.random(in: 0...100, using: &generator))
        if Bool.random(using: &generator) { progress.stage = text(Limits.stageBytes, using: &generator) }
        if Bool.random(using: &generator) { progress.message = text(Limits.taskMessageBytes, using: &generator) }
        if Bool.random(using: &generator) {
            progress.etaSeconds = Int64.random(in: 0...Limits.taskSeconds, using: &generator)
        }
        return progress
    }

    private static func outcome(using generator: inout Seeded) -> RunOutcome {
        var outcome = RunOutcome()
        outcome.fault = Bool.random(using: &generator) ? nil : TaskFault.allCases.randomElement(using: &generator)
        if Bool.random(using: &generator) { outcome.exitStatus = Int.random(in: 0...255, using: &generator) }
        if Bool.random(using: &generator) { outcome.signal = Int.random(in: 1...64, using: &generator) }
        outcome.ranMilliseconds = Int64.random(in: 0...2 * Limits.taskSeconds * 1000, using: &generator)
        outcome.output = Bool.random(using: &generator) ? "" : value(using: &generator)
        outcome.message = text(Limits.taskMessageBytes, using: &generator)
        if Bool.random(using: &generator) {
            outcome.digest = Digest256(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        return outcome
    }

    /// A JSON value with whitespace where it may be; never `null`, which is none.
    static func value(using generator: inout Seeded) -> String {
        [
            "0", "-1.50e3", "true", "\"\\u0000é\\n\"", "[ ]", "{\n \"a\" : [1,\r\n2],\t\"b\":null }",
            String(repeating: "[", count: Limits.taskValueDepth) + String(repeating: "]", count: Limits.taskValueDepth),
            "\"" + String(repeating: "x", count: Limits.taskOutputBytes - 2) + "\"",
        ].randomElement(using: &generator)!
    }

    /// A text of at most `limit` bytes, one time in eight of just as many.
    static func text(_ limit: Int, using generator: inout Seeded) -> String {
        if Int.random(in: 0..<8, using: &generator) == 0 { return String(repeating: "t", count: limit) }
        let letters: [String] = ["a", "\"", "\\", "\n", "\u{0}", "é", "\u{1F600}", "/", "\u{7F}"]
        return (0..<Int.random(in: 0...min(limit, 40) / 4, using: &generator))
            .map { _ in letters.randomElement(using: &generator)! }.joined()
    }
}
