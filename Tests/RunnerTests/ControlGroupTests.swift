import Glibc
import Grid
import Testing

@testable import Runner

@Suite(.serialized) struct ControlGroupHostTests {
    private let second = """
        25 30 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
        31 30 0:23 / /proc rw - proc proc rw
        """

    @Test func versionTwoAlone() {
        let host = ControlGroupHost(
            mountinfo: second, own: "0::/system.slice/neurogrid-agent.service\n", isWritable: { _ in true },
            enable: { _, wanted in wanted })
        let folder = "/sys/fs/cgroup/system.slice/neurogrid-agent.service"
        #expect(host.unifiedFolder == folder && host.unified.count == 3)
        #expect(host.folders == [.memory: folder, .pids: folder, .cpu: folder])
        #expect(host.description == "limits by control groups: memory (v2), pids (v2), cpu (v2)")
    }

    @Test func versionOneBesideAnEmptyVersionTwo() {
        let mounts = """
            40 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            41 30 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            42 30 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
            43 30 0:33 /below /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            """
        let own = "4:memory:/a\n3:cpu,cpuacct:/\n2:pids:/\n0::/b\n"
        let host = ControlGroupHost(mountinfo: mounts, own: own, isWritable: { _ in true }, enable: { _, _ in [] })
        #expect(host.unifiedFolder == "/sys/fs/cgroup/unified/b" && host.unified.isEmpty)
        #expect(host.folders == [.memory: "/sys/fs/cgroup/memory/a", .cpu: "/sys/fs/cgroup/cpu,cpuacct"])
        #expect(host.description == "limits by control groups: memory (v1), cpu (v1); without pids")
    }

    @Test func nothingIsWritable() {
        let host = ControlGroupHost(
            mountinfo: second, own: "0::/x\n", isWritable: { _ in false }, enable: { _, wanted in wanted })
        #expect(host == ControlGroupHost())
        #expect(host.description == "no limits by control groups; no kill by group")
    }

    /// On a machine that lets this process make groups; elsewhere there is nothing to see.
    @Test func aRunThatTakesTooMuchMemoryIsToldApart() throws {
        let groups = ControlGroupHost.detect()
        guard groups.folders[.memory] != nil else { return }
        let scene = try RunnerScene(controlGroups: groups)
        defer { scene.close() }
        var runner = try RunnerScene.words(["/usr/bin/tail", "/dev/zero"])
        runner.limits.memoryMebibytes = 32
        let outcome = try scene.outcome(runner)
        #expect(outcome.fault == .outOfMemory, "\(outcome) \(scene.notes)")
        for folder in Set(groups.folders.values) {
            #expect(access("\(folder)/neurogrid-\(RunFolder.name(RunnerScene.assignment(1).run))", F_OK) != 0)
        }
    }

    @Test func processesAreCounted() throws {
        let groups = ControlGroupHost.detect()
        guard groups.folders[.pids] != nil else { return }
        let scene = try RunnerScene(controlGroups: groups)
        defer { scene.close() }
        var runner = try RunnerScene.shell("for i in 1 2 3 4 5 6 7 8 9; do sleep 100 & done; echo $?")
        runner.limits.processes = 4
        let outcome = try scene.outcome(runner, timeoutSeconds: 60)
        #expect(outcome.fault != nil || scene.logs[.stderr]?.isEmpty == false, "\(outcome)")
        #expect(scene.logs[.stderr]?.lowercased().contains("fork") == true, "\(scene.logs)")
    }

    @Test func killingAGroupEndsAllInIt() throws {
        let groups = ControlGroupHost.detect()
        guard let parent = groups.unifiedFolder else { return }
        let folder = "\(parent)/neurogrid-test-\(getpid())"
        try #require(mkdir(folder, 0o755) == 0)
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("100"), nil]
        defer { for word in words { free(word) } }
        try #require(posix_spawn(&pid, "/bin/sleep", nil, nil, &words, nil) == 0)
        #expect(ControlGroup.write(String(pid), to: "\(folder)/cgroup.procs") == 0)
        #expect(ControlGroup.processes(folder) == [pid])
        ControlGroup.kill([folder])
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid && status & 0x7F == SIGKILL)
        #expect(ControlGroup.remove([folder]))
    }
}
