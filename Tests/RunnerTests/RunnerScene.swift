import Foundation
import Glibc
import Grid
import Reactor
import Testing

@testable import Runner

/// A host of runs on a loop that the test turns, in a folder of its own.
final class RunnerScene {
    let folder: String
    let loop: EventLoop
    private(set) var host: RunnerHost
    private(set) var outcomes: [RunID: RunOutcome] = [:]
    private(set) var started: [RunID] = []
    private(set) var logs: [LogChunk.Stream: String] = [:]
    private(set) var chunks: [LogChunk] = []
    private(set) var progress: [ProgressMessage] = []
    private(set) var notes: [String] = []
    private var nextTask: UInt64 = 1

    /// The executable that plays the agent's part as guard and selftest.
    static let child: String = {
        let own = Bundle.main.executablePath ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("runner-child").path
    }()

    init(controlGroups: ControlGroupHost = ControlGroupHost(), isShared: Bool = false) throws {
        // Short, so that the socket's path fits.
        folder = "/tmp/ng-\(UUID().uuidString.prefix(13))"
        mkdir(folder, 0o700)
        loop = try EventLoop()
        host = try RunnerHost(
            stateDirectory: folder, isShared: isShared, executable: Self.child, controlGroups: controlGroups, on: loop)
        host.progressed = { [unowned self] _, message in progress.append(message) }
        host.note = { [unowned self] in notes.append($0) }
    }

    func close() {
        host.close()
        loop.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Turns the loop until `condition` holds; gives up after thirty seconds without it.
    func turn(_ what: Comment = "condition", until condition: () -> Bool) throws {
        let limit = Clock.monotonicNanoseconds() + 30_000_000_000
        while !condition() {
            loop.runOnce(timeoutMilliseconds: 50)
            try #require(condition() || Clock.monotonicNanoseconds() < limit, what)
        }
    }

    static func assignment(
        _ number: UInt64, runner: String = "test", arguments: [TaskArgument] = [], input: String = "",
        timeoutSeconds: Int64 = 60
    ) -> RunAssignment {
        RunAssignment(
            run: RunID(task: TaskID(UUID128(high: 0xA, low: number)), epoch: 1, member: 0), runner: runner,
            arguments: arguments, input: input, gpus: 0, milliPerGPU: 0, cpuMilli: 0, memoryMebibytes: 0,
            timeoutSeconds: timeoutSeconds, gangSize: 1, leaseMilliseconds: 30_000)
    }

    static func words(_ words: [String]) throws -> RunnerSpecification {
        RunnerSpecification(name: "test", program: .words(try words.map { try WordTemplate($0) }))
    }

    static func shell(_ script: String) throws -> RunnerSpecification {
        let escaped = script.replacingOccurrences(of: "{", with: "{{").replacingOccurrences(of: "}", with: "}}")
        return try words(["/bin/sh", "-c", escaped])
    }

    @discardableResult
    func start(
        _ specification: RunnerSpecification, arguments: [TaskArgument] = [], input: String = "",
        timeoutSeconds: Int64 = 60, devices: [String] = []
    ) throws -> TaskRun {
        let assignment = Self.assignment(
            nextTask, arguments: arguments, input: input, timeoutSeconds: timeoutSeconds)
        nextTask += 1
        return try host.start(assignment, by: specification, devices: devices) { [unowned self] run, event in
            switch event {
            case .started: started.append(run.assignment.run)
            case .written: collect(run)
            case .ended(let outcome):
                collect(run)
                outcomes[run.assignment.run] = outcome
            }
        }
    }

    private func collect(_ run: TaskRun) {
        while let chunk = run.takeLog() {
            chunks.append(chunk)
            logs[chunk.stream, default: ""] += chunk.text
        }
    }

    /// Runs it to its end.
    func outcome(
        _ specification: RunnerSpecification, arguments: [TaskArgument] = [], input: String = "",
        timeoutSeconds: Int64 = 60, devices: [String] = []
    ) throws -> RunOutcome {
        let run = try start(
            specification, arguments: arguments, input: input, timeoutSeconds: timeoutSeconds, devices: devices)
        return try end(run)
    }

    func end(_ run: TaskRun) throws -> RunOutcome {
        let id = run.assignment.run
        try turn("the run ends") { outcomes[id] != nil }
        return try #require(outcomes[id])
    }

    /// Processes of this machine that were started with a variable of this folder.
    var survivors: [Int32] {
        ProcessTable.all().filter { entry in
            guard !entry.hasEnded, let bytes = ProcessTable.read("/proc/\(entry.pid)/environ", atMost: 1 << 20) else {
                return false
            }
            return String(decoding: bytes, as: UTF8.self).contains("NEUROGRID_OUTPUT=\(folder)/")
        }.map(\.pid)
    }
}
