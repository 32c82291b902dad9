import Foundation
import Glibc
import Grid
import Testing

@testable import Runner

/// What a task may do that is not run as the agent itself. Only root can become somebody else.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct AccountTests {
    @Test func aRunnerWithAnAccountHasItsRightsAlone() throws {
        let scene = try RunnerScene(isShared: true)
        defer { scene.close() }
        let secret = scene.folder + "/secret"
        #expect(
            FileManager.default.createFile(
                atPath: secret, contents: Data("s".utf8), attributes: [.posixPermissions: 0o600]))
        let script = """
            id -u; id -g; id -G; grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status | grep -v 0000000000000000
            touch x && echo made; cat \(secret) 2>/dev/null || echo kept
            rm -f "$HOME/../record" 2>/dev/null || echo there
            cat "$NEUROGRID_INPUT" > "$NEUROGRID_OUTPUT"
            python3 -c 'import os, socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("")
            s.sendto(b"{\\"percent\\": 40}", os.environ["NEUROGRID_PROGRESS_SOCKET"]); s.recv(9)'
            """
        var runner = try RunnerScene.shell(script)
        runner.user = "nobody"
        let nobody = try #require(UserAccount(named: "nobody"))
        let run = try scene.start(runner, input: "{\"a\":1}")
        let outcome = try scene.end(run)
        #expect(outcome.fault == nil && outcome.output == "{\"a\":1}", "\(outcome.message)")
        let lines = (scene.logs[.stdout] ?? "").split(separator: "\n").map(String.init)
        let groups = nobody.groups.map { "\($0)" }.joined(separator: " ")
        #expect(lines == ["\(nobody.user)", "\(nobody.group)", groups, "made", "kept", "there"])
        #expect(scene.logs[.stderr] == nil && scene.progress.map(\.percent) == [40])
    }

    /// An agent that is not root gets what it needs as ambient capabilities, and those pass through execve.
    @Test(arguments: [nil, "daemon"]) func anAgentsCapabilitiesAreNotItsTasks(user: String?) throws {
        let folder = "/tmp/ng-\(UUID().uuidString.prefix(13))"
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(chown(folder, 65534, 65534) == 0)
        let capabilities = "+setuid,+setgid,+kill,+chown,+dac_override"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = [
            "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=\(capabilities)",
            "--ambient-caps=\(capabilities)", RunnerScene.child, "agent", folder, "/bin/grep", "-E",
            "^(Uid|Cap(Inh|Prm|Eff|Amb))", "/proc/self/status",
        ]
        process.environment = user.map { ["RUN_AS": $0] } ?? [:]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let uid = try user.map { try #require(UserAccount(named: $0)).user } ?? 65534
        #expect(said.contains("Uid:\t\(uid)\t\(uid)\t\(uid)\t\(uid)"), "\(said)")
        #expect(said.contains("ended well"), "\(said)")
        for set in ["Inh", "Prm", "Eff", "Amb"] { #expect(said.contains("Cap\(set):\t0000000000000000"), "\(said)") }
    }
}
