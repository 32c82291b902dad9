import Bytes
import Testing

@testable import Runner

@Suite struct GuardFrameTests {
    private func order() -> LaunchOrder {
        var order = LaunchOrder(
            path: "/bin/x", words: ["x", "", "ü\n"], environment: ["A=b", "C="], directory: "/tmp")
        order.account = UserAccount(user: 1000, group: 100, groups: [1, 2, 3])
        order.processLimit = 7
        order.controlGroups = ["/sys/fs/cgroup/x/cgroup.procs"]
        return order
    }

    @Test func commandsArriveHoweverTheyAreCut() {
        let commands: [GuardCommand] = [
            .launch(order()), .terminate, .deadline(.max - 1), .kill,
            .launch(LaunchOrder(path: "", words: [], environment: [], directory: "")),
        ]
        let stream = commands.flatMap { GuardFrame.encode($0).bytes }
        for step in [1, 5, 64, stream.count] {
            var pending: [UInt8] = []
            var got: [GuardCommand?] = []
            for start in stride(from: 0, to: stream.count, by: step) {
                pending += stream[start..<min(start + step, stream.count)]
                while let body = GuardFrame.take(from: &pending) { got.append(GuardFrame.command(body)) }
            }
            #expect(got == commands && pending.isEmpty)
        }
    }

    @Test func reportsArrive() {
        let reports: [GuardReport] = [
            .started(12345), .failed(step: 8, number: 2), .ended(status: 9, byDeadline: true),
            .ended(status: -1, byDeadline: false),
        ]
        for report in reports {
            var bytes = GuardFrame.encode(report).bytes
            #expect(GuardFrame.take(from: &bytes).flatMap(GuardFrame.report) == report)
        }
    }

    @Test func whatIsCutOffIsNoOrder() {
        let whole = order().encoded.bytes
        for count in 0..<whole.count {
            #expect(whole[..<count].withUnsafeBytes { LaunchOrder($0) } == nil)
        }
        #expect(GuardFrame.command([9]) == nil && GuardFrame.report([]) == nil)
    }
}
