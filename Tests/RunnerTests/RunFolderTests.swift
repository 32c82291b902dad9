import Glibc
import Grid
import Testing

@testable import Runner

@Suite struct RunFolderTests {
    private let run = RunID(task: TaskID(UUID128(high: 3, low: 4)), epoch: 17, member: 2)

    @Test func namesAreReadBack() {
        #expect(RunFolder.run(named: RunFolder.name(run)) == run)
        for bad in ["", "x", "..", RunFolder.name(run) + ".1", RunFolder.name(run) + " ", "a.1.2"] {
            #expect(RunFolder.run(named: bad) == nil)
        }
    }

    @Test func recordsSurvive() throws {
        let scene = try RunnerScene()
        defer { scene.close() }
        let folder = RunFolder(in: scene.folder + "/runs", run)
        #expect(folder.load() == nil)
        try folder.make(input: "{}", account: nil)
        #expect(folder.load() == nil)
        var record = RunFolder.Record(guardPID: 5, guardStartTicks: 6, controlGroups: ["/a b", "/c"])
        try folder.save(record)
        #expect(folder.load() == record)
        var order = LaunchOrder(
            path: "/usr/bin/docker", words: ["/usr/bin/docker", "rm", "x\ny"], environment: ["A=b\nremoval c"],
            directory: "/")
        order.account = UserAccount(user: 1, group: 2, groups: [3])
        record.removal = order
        try folder.save(record)
        #expect(folder.load() == record)
        #expect(Leftovers.folders(in: scene.folder + "/runs") == [folder])
        symlink("/etc", folder.work + "/link")
        folder.remove()
        #expect(Leftovers.folders(in: scene.folder + "/runs").isEmpty && access("/etc/passwd", F_OK) == 0)
    }
}
