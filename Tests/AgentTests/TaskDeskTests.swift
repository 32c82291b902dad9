import Foundation
import Glibc
import Grid
import Reactor
import Runner
import Service
import Testing

@testable import neurogrid_agent

/// A desk on a loop that the test turns, and the coordinator's side of it.
private final class DeskScene {
    let folder: String
    let loop: EventLoop
    private(set) var desk: TaskDesk
    private(set) var reports: [TaskReport] = []
    var isConnected = true
    /// When the newest was sent that was answered; `nil` = just now, whenever it is asked for.
    var contact: UInt64?

    static let child: String = {
        let own = Bundle.main.executablePath ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("neurogrid-agent").path
    }()

    init() throws {
        folder = "/tmp/ng-\(UUID().uuidString.prefix(13))"
        mkdir(folder, 0o700)
        loop = try EventLoop()
        desk = try Self.makeDesk(folder, loop)
        join()
    }

    private static func makeDesk(_ folder: String, _ loop: EventLoop) throws -> TaskDesk {
        try TaskDesk(
            loop: loop, stateDirectory: folder,
            runners: [try shell("shell", graceMilliseconds: 300), try shell("patient", graceMilliseconds: 30_000)],
            executable: child, controlGroups: ControlGroupHost(),
            log: Log(program: "test", level: .error, format: .text, destination: .automatic(format: .text)))
    }

    private static func shell(_ name: String, graceMilliseconds: UInt64) throws -> RunnerSpecification {
        var runner = RunnerSpecification(
            name: name,
            program: .words(try ["/bin/sh", "-c", "{script}"].map { try WordTemplate($0) }),
            arguments: [ArgumentRule("script", .text(maximumBytes: 4096, .any, mayBeginWithHyphen: false))])
        runner.graceNanoseconds = graceMilliseconds * 1_000_000
        return runner
    }

    private func join() {
        desk.devices = { [0: "GPU-zero", 1: "GPU-one"] }
        desk.port.report = { [unowned self] report in
            if isConnected { reports.append(report) }
            return isConnected
        }
        desk.port.contactNanoseconds = { [unowned self] in contact ?? Clock.monotonicNanoseconds() }
    }

    /// Another agent on the same state, as after a restart.
    func restart() throws {
        desk.close()
        desk = try Self.makeDesk(folder, loop)
        reports.removeAll()
        join()
    }

    func close() {
        desk.close()
        loop.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func turn(_ what: Comment, until condition: () -> Bool) throws {
        let limit = Clock.monotonicNanoseconds() + 30_000_000_000
        while !condition() {
            loop.runOnce(timeoutMilliseconds: 50)
            try #require(condition() || Clock.monotonicNanoseconds() < limit, what)
        }
    }

    func turn(forMilliseconds milliseconds: UInt64) throws {
        let end = Clock.monotonicNanoseconds() + milliseconds * 1_000_000
        try turn("the time has passed") { Clock.monotonicNanoseconds() >= end }
    }

    func assign(
        _ number: UInt64, _ script: String, by runner: String = "shell", gpus: UInt64 = 0, milli: Int = 0,
        leaseMilliseconds: Int64 = 30_000
    ) -> RunID {
        var assignment = DeviceLedgerTests.assignment(number, gpus: gpus, milli: milli)
        assignment.runner = runner
        assignment.arguments = [TaskArgument(name: "script", value: .text(script))]
        assignment.leaseMilliseconds = leaseMilliseconds
        desk.take(.assign(assignment))
        return assignment.run
    }

    func outcomes(_ run: RunID) -> [RunOutcome] {
        reports.compactMap { report in
            if report.run == run, case .ended(let outcome) = report.body { outcome } else { nil }
        }
    }

    func starts(_ run: RunID) -> Int { reports.count { $0.run == run && $0.body == .started } }

    func percents(_ run: RunID) -> [Int] {
        reports.compactMap { report in
            if report.run == run, case .progress(let progress) = report.body { progress.percent } else { nil }
        }
    }

    func logs(_ run: RunID) -> String {
        reports.compactMap { report in
            if report.run == run, case .log(let chunk) = report.body { chunk.text } else { nil }
        }.joined()
    }
}

@Suite(.serialized) struct TaskDeskTests {
    private func scene(_ body: (DeskScene) throws -> Void) throws {
        let scene = try DeskScene()
        defer { scene.close() }
        try body(scene)
    }

    @Test func aRunFromItsOrderToItsSettling() throws {
        try scene { scene in
            let run = scene.assign(1, "echo working; echo '{\"a\":1}' >$NEUROGRID_OUTPUT")
            #expect(scene.desk.holdings() == [RunHolding(run: run, hasEnded: false)])
            try scene.turn("the end") { !scene.outcomes(run).isEmpty }
            let outcome = try #require(scene.outcomes(run).first)
            #expect(outcome.fault == nil && outcome.output == "{\"a\":1}" && outcome.digest != nil)
            #expect(scene.starts(run) == 1 && scene.logs(run) == "working\n")
            // Kept, and said again at each session, until it is settled.
            #expect(scene.desk.holdings() == [RunHolding(run: run, hasEnded: true)])
            try scene.restart()
            scene.desk.sessionBegan()
            #expect(scene.outcomes(run) == [outcome])
            scene.desk.take(.settled(run, counted: true))
            #expect(scene.desk.holdings().isEmpty)
            try scene.restart()
            #expect(scene.desk.holdings().isEmpty)
        }
    }

    @Test func theSameOrderTwiceIsOneRun() throws {
        try scene { scene in
            let file = scene.folder + "/count"
            // It runs until the third order was given.
            let ordered = scene.folder + "/ordered"
            let script = "echo x >>\(file); until [ -e \(ordered) ]; do sleep 0.05; done"
            let run = scene.assign(1, script)
            _ = scene.assign(1, script)
            try scene.turn("started") { scene.starts(run) > 0 }
            _ = scene.assign(1, script)
            #expect(FileManager.default.createFile(atPath: ordered, contents: nil))
            try scene.turn("the end") { !scene.outcomes(run).isEmpty }
            _ = scene.assign(1, script)
            #expect(scene.outcomes(run).count == 2, "the result again")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "x\n")
        }
    }

    @Test func whatDoesNotFitIsRejected() throws {
        try scene { scene in
            let busy = scene.assign(1, "sleep 60", gpus: 0b01, milli: 1000)
            let taken = scene.assign(2, "true", gpus: 0b01, milli: 500)
            let missing = scene.assign(3, "true", gpus: 0b100, milli: 500)
            var unknown = DeviceLedgerTests.assignment(4, gpus: 0, milli: 0)
            unknown.runner = "nothing"
            scene.desk.take(.assign(unknown))
            let hyphen = scene.assign(5, "-c")
            for run in [taken, missing, unknown.run, hyphen] {
                #expect(scene.outcomes(run).map(\.fault) == [.rejected])
                #expect(scene.outcomes(run).first?.message.isEmpty == false)
            }
            scene.desk.take(.cancel(busy))
            try scene.turn("the end") { !scene.outcomes(busy).isEmpty }
            #expect(scene.outcomes(busy).map(\.fault) == [.cancelled])
            let after = scene.assign(6, "echo $CUDA_VISIBLE_DEVICES", gpus: 0b11, milli: 1000)
            try scene.turn("the end") { !scene.outcomes(after).isEmpty }
            #expect(scene.logs(after) == "GPU-zero,GPU-one\n")
        }
    }

    @Test func withoutContactARunEndsBeforeItsLease() throws {
        try scene { scene in
            let begin = Clock.monotonicNanoseconds()
            scene.contact = begin
            let run = scene.assign(1, "trap '' TERM; echo up; while :; do sleep 0.1; done", leaseMilliseconds: 4000)
            try scene.turn("the end") { !scene.outcomes(run).isEmpty }
            let elapsed = (Clock.monotonicNanoseconds() - begin) / 1_000_000
            #expect(scene.outcomes(run).map(\.fault) == [.leaseExpired])
            #expect(elapsed >= 2400, "not before three fifths: \(elapsed)")
        }
    }

    /// The order is no sign of life of the agent's: the coordinator may have sent it long after it last heard it.
    @Test func anOrderThatComesWhenItsLeaseIsOverBeginsNothing() throws {
        try scene { scene in
            let file = scene.folder + "/ran"
            let now = Clock.monotonicNanoseconds()
            // Just three fifths of its lease ago, long ago, and never: no session has been welcomed yet.
            let contacts = [now - 6_000_000_000, now - 3_600_000_000_000, 0]
            for (number, contact) in contacts.enumerated() {
                scene.contact = contact
                let run = scene.assign(
                    UInt64(number), "echo x >>\(file)", gpus: 0b01, milli: 1000, leaseMilliseconds: 10_000)
                #expect(scene.outcomes(run).map(\.fault) == [.leaseExpired] && scene.starts(run) == 0)
                #expect(
                    scene.desk.holdings().contains(RunHolding(run: run, hasEnded: true)), "kept until it is settled")
                scene.desk.take(.settled(run, counted: false))
            }
            #expect(scene.desk.holdings().isEmpty)
            // Its GPU is free, and the next order that comes in time is carried out.
            scene.contact = nil
            let next = scene.assign(4, "echo next >>\(file)", gpus: 0b01, milli: 1000, leaseMilliseconds: 10_000)
            try scene.turn("the end") { !scene.outcomes(next).isEmpty }
            #expect(scene.outcomes(next).map(\.fault) == [nil])
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "next\n")
        }
    }

    @Test func aStopFromTheCoordinatorNamesItsReason() throws {
        try scene { scene in
            let run = scene.assign(1, "sleep 60")
            try scene.turn("started") { scene.starts(run) == 1 }
            scene.desk.take(.stop(run, .nodeQuarantined))
            try scene.turn("the end") { !scene.outcomes(run).isEmpty }
            #expect(scene.outcomes(run).map(\.fault) == [.nodeQuarantined])
        }
    }

    @Test func whatNoSessionTakesIsSaidLater() throws {
        try scene { scene in
            scene.isConnected = false
            let run = scene.assign(1, "echo unheard")
            try scene.turn("the end") { scene.desk.holdings() == [RunHolding(run: run, hasEnded: true)] }
            #expect(scene.reports.isEmpty)
            scene.isConnected = true
            try scene.turn("said") { !scene.outcomes(run).isEmpty }
            #expect(scene.starts(run) == 1)
            scene.desk.sessionBegan()
            #expect(scene.logs(run) == "unheard\n" && scene.outcomes(run).count == 2)
        }
    }

    @Test func progressIsTheTasksOwnAndNeverFalls() throws {
        try scene { scene in
            let agent = DeskScene.child
            // On a busy machine the agent may be given up on; then it is told again.
            let tell = "until \(agent) progress $p --stage s --eta 3; do :; done"
            let script = "for p in 10 40 30 80; do \(tell); done"
            let run = scene.assign(1, script)
            try scene.turn("the end") { !scene.outcomes(run).isEmpty }
            let told = scene.reports.compactMap { report -> ProgressReport? in
                if case .progress(let progress) = report.body { progress } else { nil }
            }
            #expect(told.map(\.percent) == [10, 40, 80] && told.map(\.sequence) == [1, 2, 3])
            #expect(told.allSatisfy { $0.stage == "s" && $0.etaSeconds == 3 })
            #expect(!scene.logs(run).contains("refuses"), "\(scene.logs(run))")
        }
    }

    @Test func progressThatTheLinkDoesNotTakeIsSaidAgainThoughNothingMoves() throws {
        try scene { scene in
            // The session stands and takes nothing for a while.
            scene.isConnected = false
            let told = scene.folder + "/told"
            let tell = "until \(DeskScene.child) progress 40; do :; done"
            let run = scene.assign(1, "\(tell); touch \(told); sleep 60")
            try scene.turn("it has said so") { access(told, F_OK) == 0 }
            try scene.turn(forMilliseconds: 600)
            scene.isConnected = true
            try scene.turn("said again") { scene.percents(run) == [40] }
            try scene.turn(forMilliseconds: 600)
            #expect(scene.percents(run) == [40], "once it is taken, it is said no more")
            #expect(!scene.logs(run).contains("refuses"), "\(scene.logs(run))")
        }
    }

    @Test func stoppingEndsRunsWithTheirGrace() throws {
        try scene { scene in
            let politely = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"
            let polite = scene.assign(1, politely, by: "patient")
            let stubborn = scene.assign(2, "trap '' TERM; echo up; while :; do sleep 0.05; done")
            try scene.turn("both are up") { scene.logs(polite) == "up\n" && scene.logs(stubborn) == "up\n" }
            var isDone = false
            scene.desk.stop { isDone = true }
            let late = scene.assign(3, "true")
            try scene.turn("stopped") { isDone }
            #expect(scene.outcomes(polite).map(\.fault) == [.agentStopped])
            #expect(scene.outcomes(stubborn).first?.signal == Int(SIGKILL))
            #expect(scene.outcomes(late).map(\.fault) == [.spawn])
            #expect(scene.logs(polite).contains("bye\n"))
        }
    }
}
