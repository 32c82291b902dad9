import Foundation
import Glibc
import Grid
import Reactor
import Testing

@testable import Runner

/// Real processes. Serialized, since descriptors and children of this process are counted.
@Suite(.serialized) struct TaskRunTests {
    private func scene(_ body: (RunnerScene) throws -> Void) throws {
        let scene = try RunnerScene()
        defer { scene.close() }
        try body(scene)
    }

    @Test func aProgramThatEndsWell() throws {
        try scene { scene in
            let outcome = try scene.outcome(try .shell("echo hello; echo trouble >&2"))
            #expect(outcome.fault == nil && outcome.exitStatus == 0 && outcome.signal == nil)
            #expect(scene.logs[.stdout] == "hello\n" && scene.logs[.stderr] == "trouble\n")
            #expect(scene.started.count == 1)
        }
    }

    @Test(arguments: [1, 7, 255]) func itsExitStatusIsTold(status: Int) throws {
        try scene { scene in
            let outcome = try scene.outcome(try .shell("exit \(status)"))
            #expect(outcome.fault == .exitStatus && outcome.exitStatus == status)
        }
    }

    @Test(arguments: [SIGSEGV, SIGKILL, SIGTERM]) func aSignalOfItsOwnIsASignal(signal: Int32) throws {
        try scene { scene in
            let outcome = try scene.outcome(try .shell("kill -\(signal) $$"))
            #expect(outcome.fault == .signal && outcome.signal == Int(signal) && outcome.exitStatus == nil)
        }
    }

    @Test func aProgramThatIsNotThereIsASpawnFault() throws {
        try scene { scene in
            let outcome = try scene.outcome(try RunnerScene.words(["/nonexistent/program"]))
            #expect(outcome.fault == .spawn && outcome.message.contains("execve"), "\(outcome.message)")
            #expect(scene.started.isEmpty)
        }
    }

    @Test func timeoutEndsItThoughItExitsWell() throws {
        // The time may pass before the shell has set its trap; the first that had is judged.
        for seconds: Int64 in [1, 2, 4, 8, 16] {
            var isJudged = false
            try scene { scene in
                var runner = try RunnerScene.shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done")
                runner.graceNanoseconds = 20_000_000_000
                let outcome = try scene.outcome(runner, timeoutSeconds: seconds)
                isJudged = scene.logs[.stdout] == "ready\n"
                guard isJudged else { return }
                #expect(outcome.fault == .timeout && outcome.exitStatus == 0)
            }
            if isJudged { return }
        }
        Issue.record("no shell has set its trap in time")
    }

    @Test func whoeverIgnoresSIGTERMIsKilledAfterTheGrace() throws {
        try scene { scene in
            var runner = try RunnerScene.shell("trap '' TERM; echo ready; while :; do sleep 0.05; done")
            runner.graceNanoseconds = 200_000_000
            let run = try scene.start(runner)
            try scene.turn { scene.logs[.stdout] == "ready\n" }
            run.stop(.cancelled)
            let outcome = try scene.end(run)
            #expect(outcome.fault == .cancelled && outcome.signal == Int(SIGKILL))
        }
    }

    @Test func aStoppedTaskHearsItsEnd() throws {
        try scene { scene in
            let run = try scene.start(try .shell("echo ready; kill -STOP $$; sleep 60"))
            try scene.turn { scene.logs[.stdout] == "ready\n" }
            run.stop(.cancelled)
            #expect(try scene.end(run).fault == .cancelled)
        }
    }

    /// A double fork into sessions of their own, with closed pipes and a changed environment: everything is gone at the
    /// end, whether the task ended by itself or was stopped.
    @Test(arguments: [false, true]) func grandchildrenDoNotSurvive(isStopped: Bool) throws {
        try scene { scene in
            let marker = scene.folder + "/pids"
            let hide = "setsid sh -c 'echo $$ >>\(marker); exec env -i sleep 300' >/dev/null 2>&1 &"
            let hidden = hide.replacingOccurrences(of: "$", with: "\\$")
            let script = """
                for i in 1 2 3; do ( setsid sh -c "\(hidden) sleep 0" & ) ; done
                while [ "$(wc -l <\(marker) 2>/dev/null || echo 0)" -lt 3 ]; do sleep 0.02; done
                echo ready; \(isStopped ? "sleep 300" : "exit 0")
                """
            let run = try scene.start(try .shell(script))
            if isStopped {
                try scene.turn("ready") { scene.logs[.stdout] == "ready\n" }
                run.stop(.cancelled, graceNanoseconds: 100_000_000)
            }
            let outcome = try scene.end(run)
            #expect(outcome.fault == (isStopped ? .cancelled : nil))
            let pids = try String(contentsOfFile: marker, encoding: .utf8).split(separator: "\n").compactMap {
                Int32($0)
            }
            #expect(pids.count == 3)
            for pid in pids { #expect(ProcessTable.entry(pid).map(\.hasEnded) ?? true, "\(pid) survives") }
        }
    }

    @Test func tooMuchOutputEndsIt() throws {
        try scene { scene in
            var runner = try RunnerScene.words(["/usr/bin/yes"])
            runner.limits.outputBytes = 200_000
            let outcome = try scene.outcome(runner)
            #expect(outcome.fault == .outputLimit)
            #expect(scene.chunks.allSatisfy { $0.text.utf8.count <= Limits.logChunkBytes })
            #expect(scene.logs[.stdout]?.utf8.count == 200_000)
        }
    }

    @Test func binaryOutputBecomesText() throws {
        try scene { scene in
            let outcome = try scene.outcome(try .words(["/usr/bin/head", "-c", "100000", "/dev/urandom"]))
            #expect(outcome.fault == nil)
            let last = try #require(scene.chunks.last)
            #expect(last.offset < 100_000 && scene.chunks.allSatisfy { $0.text.utf8.count <= Limits.logChunkBytes })
        }
    }

    @Test func theEnvironmentIsMinimal() throws {
        try scene { scene in
            var runner = try RunnerScene.words(["/usr/bin/env"])
            runner.environment = [EnvironmentVariable(name: "EXTRA", value: "a b=c")]
            let run = try scene.start(runner, devices: ["GPU-1", "GPU-2"])
            _ = try scene.end(run)
            let folder = scene.folder + "/runs/" + RunFolder.name(run.assignment.run)
            let lines = Set((scene.logs[.stdout] ?? "").split(separator: "\n").map(String.init))
            #expect(
                lines == [
                    "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(folder)/work", "EXTRA=a b=c",
                    "CUDA_VISIBLE_DEVICES=GPU-1,GPU-2", "NEUROGRID_TASK_ID=\(run.assignment.run.task)",
                    "NEUROGRID_PROGRESS_SOCKET=\(scene.folder)/progress.sock", "NEUROGRID_INPUT=\(folder)/input",
                    "NEUROGRID_OUTPUT=\(folder)/output",
                ])
        }
    }

    @Test func nothingButTheThreeDescriptorsIsOpen() throws {
        try scene { scene in
            _ = try scene.outcome(try .words(["/bin/ls", "/proc/self/fd"]))
            // The fourth is the folder that ls reads.
            #expect(scene.logs[.stdout] == "0\n1\n2\n3\n")
        }
    }

    @Test func itLeadsASessionWithoutPrivileges() throws {
        try scene { scene in
            let script =
                "grep -E 'NoNewPrivs|SigBlk|SigIgn' /proc/self/status; ps -o sid= -p $$ | tr -d ' '; echo $$; pwd"
            let run = try scene.start(try .shell(script))
            _ = try scene.end(run)
            let lines = (scene.logs[.stdout] ?? "").split(separator: "\n").map(String.init)
            try #require(lines.count == 6, "\(lines)")
            #expect(lines.contains("NoNewPrivs:\t1") && lines.contains("SigBlk:\t0000000000000000"))
            #expect(lines.contains("SigIgn:\t0000000000000000"))
            #expect(lines[3] == lines[4], "its session is its own")
            #expect(lines[5].hasSuffix("/work"))
        }
    }

    @Test func inputGoesInAndAResultComesOut() throws {
        try scene { scene in
            let run = try scene.start(try .shell("cp $NEUROGRID_INPUT $NEUROGRID_OUTPUT"), input: "{\"a\": [1, 2]}")
            #expect(try scene.end(run).output == "{\"a\": [1, 2]}")
            scene.host.forget(run.assignment.run)
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/runs").isEmpty)
        }
    }

    @Test(arguments: [
        ("echo no json >$NEUROGRID_OUTPUT", nil as TaskFault?),
        ("rm $NEUROGRID_OUTPUT; ln -s /etc/passwd $NEUROGRID_OUTPUT", nil),
        ("rm $NEUROGRID_OUTPUT; mkfifo $NEUROGRID_OUTPUT", nil),
        ("head -c 70000 /dev/zero >$NEUROGRID_OUTPUT", .outputLimit),
    ])
    func whatIsNoResultIsNone(script: String, fault: TaskFault?) throws {
        try scene { scene in
            let outcome = try scene.outcome(try .shell(script))
            #expect(outcome.output.isEmpty && outcome.fault == fault && !outcome.message.isEmpty, "\(outcome)")
        }
    }

    @Test func aDeadlineThatNobodyMovesEndsIt() throws {
        try scene { scene in
            let run = try scene.start(try .shell("echo ready; sleep 300"))
            try scene.turn { scene.logs[.stdout] == "ready\n" }
            run.setDeadline(Clock.monotonicNanoseconds() + 100_000_000)
            let outcome = try scene.end(run)
            #expect(outcome.fault == .leaseExpired && outcome.signal == Int(SIGKILL))
        }
    }

    @Test func aKilledGuardLeavesNothing() throws {
        try scene { scene in
            let run = try scene.start(try .shell("setsid sleep 300 & echo ready; sleep 300"))
            try scene.turn { scene.logs[.stdout] == "ready\n" && run.leader != nil }
            // While a process becomes another program, what it was started with cannot be seen.
            try scene.turn("both are there") { scene.survivors.count(where: isAsleep) == 2 }
            kill(run.guardPID, SIGKILL)
            #expect(try scene.end(run).fault == .agentStopped)
            // Unless it lost its patience with them.
            if !scene.notes.contains(where: { $0.hasSuffix("do not end") }) { #expect(scene.survivors.isEmpty) }
            try scene.turn("nothing is left") { scene.survivors.isEmpty }
        }
    }

    private func isAsleep(_ pid: Int32) -> Bool {
        ProcessTable.read("/proc/\(pid)/cmdline", atMost: 64)?.starts(with: "sleep\0".utf8) ?? false
    }

    /// "(" and an accent behind it are one character: what reads names by characters does not see the process.
    @Test func aNameThatBeginsWithAnAccentHidesNothing() throws {
        try scene { scene in
            let hidden = "printf '\\314\\201x' > /proc/self/comm; echo hidden; sleep 300; :"
            let run = try scene.start(try .shell("setsid sh -c \"\(hidden)\" & sleep 300"))
            try scene.turn { scene.logs[.stdout] == "hidden\n" && run.leader != nil }
            kill(try #require(run.leader), SIGKILL)
            #expect(try scene.end(run).fault == .signal)
            #expect(scene.survivors.isEmpty)
        }
    }

    /// In a process of its own, where nobody else opens descriptors or has children.
    @Test func threeHundredQuickRunsLeaveNothing() throws {
        try scene { scene in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: RunnerScene.child)
            process.arguments = ["many", scene.folder + "/other", "300"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let said = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            #expect(said == "300 runs as expected, 0 descriptors more, 0 children\n")
            #expect(scene.survivors.isEmpty)
        }
    }
}

extension RunnerSpecification {
    static func shell(_ script: String) throws -> RunnerSpecification { try RunnerScene.shell(script) }
    static func words(_ words: [String]) throws -> RunnerSpecification { try RunnerScene.words(words) }
}
