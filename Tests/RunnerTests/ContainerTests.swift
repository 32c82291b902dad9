import Foundation
import Glibc
import Grid
import Testing

@testable import Runner

/// The runner `docker` with a client that only notes how it was called.
@Suite(.serialized) struct ContainerTests {
    private static let client = """
        #!/bin/sh
        folder=${0%/*}
        { printf '<%s>' "$@"; printf ' %s\\n' "$DOCKER_HOST"; } >> "$folder/calls"
        if [ "$1" = run ] && [ -e "$folder/slow" ]; then echo up; exec sleep 300; fi
        """

    private func scene(_ body: (RunnerScene, RunnerSpecification) throws -> Void) throws {
        let scene = try RunnerScene()
        defer { scene.close() }
        let path = scene.folder + "/docker"
        try Self.writeClient(path)
        var runner = RunnerSpecification(
            name: "docker", program: .docker(DockerTemplate(client: path, images: ["cuda:12"])))
        runner.environment = [EnvironmentVariable(name: "DOCKER_HOST", value: "unix:///x")]
        try body(scene, runner)
    }

    /// By a process of its own: a file is not executed while somebody has it open for writing, and a descriptor of ours
    /// would be, for a moment, everything's that another test starts.
    private static func writeClient(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "printf '%s\\n' \"$1\" >\"$2\" && chmod 755 \"$2\"", "sh", client, path]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private func calls(_ scene: RunnerScene) -> [String] {
        let text = (try? String(contentsOfFile: scene.folder + "/calls", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private static let arguments = [
        TaskArgument(name: "image", value: .text("cuda:12")),
        TaskArgument(name: "argument_1", value: .text("--privileged")),
        TaskArgument(name: "argument_2", value: .text("$(id); a 'b'")),
    ]

    @Test func theClientIsCalledTwiceAndNothingElse() throws {
        try scene { scene, runner in
            let run = try scene.start(runner, arguments: Self.arguments, devices: ["GPU-1"])
            let name = DockerTemplate.container(run.assignment.run)
            #expect(try scene.end(run).fault == nil)
            let words = [
                "run", "--rm", "--init", "--name", name, "--network", "none", "--cap-drop", "ALL", "--security-opt",
                "no-new-privileges", "--pids-limit", "4096", "--env",
                "NEUROGRID_TASK_ID=\(run.assignment.run.task)", "--gpus", "\"device=GPU-1\"", "--", "cuda:12",
                "--privileged", "$(id); a 'b'",
            ]
            let begin = words.map { "<\($0)>" }.joined() + " unix:///x"
            #expect(calls(scene) == [begin, "<rm><--force><--volumes><\(name)> unix:///x"])
        }
    }

    @Test func aContainerWhoseClientWasKilledIsRemoved() throws {
        try scene { scene, runner in
            #expect(FileManager.default.createFile(atPath: scene.folder + "/slow", contents: nil))
            let run = try scene.start(runner, arguments: Self.arguments)
            try scene.turn { scene.logs[.stdout] == "up\n" && run.leader != nil }
            kill(try #require(run.leader), SIGKILL)
            #expect(try scene.end(run).fault == .signal)
            let name = DockerTemplate.container(run.assignment.run)
            #expect(calls(scene).last == "<rm><--force><--volumes><\(name)> unix:///x")
            #expect(scene.survivors.isEmpty)
        }
    }

    @Test func aLaterAgentRemovesWhatAnEarlierOneLeft() throws {
        try scene { scene, runner in
            let assignment = RunnerScene.assignment(7, arguments: Self.arguments)
            let folder = RunFolder(in: scene.folder + "/runs", assignment.run)
            try folder.make(input: "", account: nil)
            let plan = try LaunchPlan(runner, assignment, devices: [], folder: folder, progressSocket: "/x")
            // A guard that is long gone: no process began so late.
            try folder.save(
                RunFolder.Record(guardPID: 1, guardStartTicks: .max, controlGroups: [], removal: plan.removal))
            #expect(scene.host.endRemnants() == [RunnerHost.Remnant(run: assignment.run, isGone: true)])
            let name = DockerTemplate.container(assignment.run)
            try scene.turn { calls(scene) == ["<rm><--force><--volumes><\(name)> unix:///x"] }
        }
    }
}
