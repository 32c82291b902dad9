import Glibc
import Grid
import Reactor
import Runner

/// Writes at once: whoever reads this waits for it.
func say(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(1, bytes, bytes.count)
}

func exitNow(_ status: Int32) -> Never { exit(status) }

/// `progress PERCENT`: what `neurogrid-agent progress` does.
func tellProgress(_ words: [String]) -> Int32 {
    guard let percent = words.first.flatMap({ Int($0) }), let path = getenv("NEUROGRID_PROGRESS_SOCKET") else {
        return 64
    }
    do throws(ProgressClient.Fault) {
        // A test's agent may be starved.
        try ProgressClient.send(
            ProgressMessage(percent: percent, stage: "child"), to: String(cString: path), patienceMilliseconds: 30_000)
        return 0
    } catch {
        say("\(error)\n")
        return 69
    }
}

/// `agent STATE_DIR PROGRAM WORD...`: runs one task, by the account `RUN_AS` if there is one, and says `started` or
/// `ended` on a line, until it is killed.
func playAgent(_ words: [String]) -> Int32 {
    guard words.count >= 2 else { return 64 }
    do {
        let loop = try EventLoop()
        defer { loop.close() }
        RunnerHost.adoptOrphans()
        var runner = RunnerSpecification(
            name: "words", program: .words(try words.dropFirst().map { try WordTemplate($0) }))
        runner.user = getenv("RUN_AS").map { String(cString: $0) }
        let host = try RunnerHost(stateDirectory: words[0], isShared: runner.user != nil, on: loop)
        let assignment = RunAssignment(
            run: RunID(task: TaskID(UUID128(high: 1, low: 2)), epoch: 3, member: 0), runner: "words", arguments: [],
            input: "", gpus: 0, milliPerGPU: 0, cpuMilli: 0, memoryMebibytes: 0, timeoutSeconds: 600, gangSize: 1,
            leaseMilliseconds: 30_000)
        _ = try host.start(assignment, by: runner, devices: []) { run, event in
            switch event {
            case .started: say("started\n")
            case .written: while let chunk = run.takeLog() { say("log \(chunk.text)") }
            case .ended(let outcome):
                say("ended \(outcome.fault?.rawValue ?? "well")\n")
                loop.stop()
            }
        }
        try loop.run()
        host.close()
        return 0
    } catch {
        say("\(error)\n")
        return 70
    }
}

/// `many STATE_DIR COUNT`: runs so many short tasks, some at a time, each with a process that it leaves behind, and
/// says what of descriptors and children is left of them.
func runMany(_ words: [String]) -> Int32 {
    guard words.count == 2, let count = Int(words[1]) else { return 64 }
    mkdir(words[0], 0o700)
    do {
        let loop = try EventLoop()
        defer { loop.close() }
        RunnerHost.adoptOrphans()
        let host = try RunnerHost(stateDirectory: words[0], isShared: false, on: loop)
        var open = 0
        var asExpected = 0
        func start(_ number: Int) throws {
            let script = "echo \(number); (sleep 100 &) ; exit \(number % 3)"
            let runner = RunnerSpecification(
                name: "words", program: .words(try ["/bin/sh", "-c", script].map { try WordTemplate($0) }))
            let assignment = RunAssignment(
                run: RunID(task: TaskID(UUID128(high: 1, low: UInt64(number))), epoch: 1, member: 0), runner: "words",
                arguments: [], input: "", gpus: 0, milliPerGPU: 0, cpuMilli: 0, memoryMebibytes: 0,
                timeoutSeconds: 600, gangSize: 1, leaseMilliseconds: 30_000)
            open += 1
            _ = try host.start(assignment, by: runner, devices: []) { run, event in
                guard case .ended(let outcome) = event else { return }
                open -= 1
                if outcome.exitStatus == number % 3, run.takeLog()?.text == "\(number)\n" { asExpected += 1 }
                host.forget(run.assignment.run)
            }
        }
        func settle(_ limit: Int) { while open > limit { loop.runOnce(timeoutMilliseconds: 100) } }
        // What is opened once and stays, such as a temporary buffer's, is not counted.
        try start(0)
        settle(0)
        let before = descriptorCount()
        for number in 1..<count {
            try start(number)
            settle(11)
        }
        settle(0)
        let more = descriptorCount() - before
        defer { host.close() }
        let children = waitpid(-1, nil, Int32(WNOHANG)) < 0 && errno == ECHILD ? 0 : 1
        say("\(asExpected) runs as expected, \(more) descriptors more, \(children) children\n")
        return 0
    } catch {
        say("\(error)\n")
        return 70
    }
}

private func descriptorCount() -> Int { (0..<1024).count { fcntl(Int32($0), F_GETFD) >= 0 } }
