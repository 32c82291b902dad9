import CLinux
import Glibc
import Testing

@testable import Reactor

struct ConnectorTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func connectsAndHandsOverTheSocket() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let loop = harness.loop
        var server: RecordingChannel?
        var client: RecordingChannel?
        let address = try harness.listen { descriptor, _ in
            let channel = RecordingChannel(fileDescriptor: descriptor)
            loop.adopt(channel)
            channel.echoes = true
            server = channel
        }
        Connector.connect(to: address, on: loop, timeoutNanoseconds: 5 * Self.second) { result in
            guard case .success(let descriptor) = result else { return }
            let channel = RecordingChannel(fileDescriptor: descriptor)
            loop.adopt(channel)
            channel.send([1, 2, 3])
            client = channel
        }
        #expect(client == nil)
        try harness.turn { client?.bytes == [1, 2, 3] }
        #expect(server?.bytes == [1, 2, 3])
        // Its timeout went with it.
        #expect(loop.pendingTimerCount == 0)
        #expect(loop.watches.count == 1)
    }

    @Test func aRefusalIsReported() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let nobody = try RefusingPort()
        defer { nobody.close() }
        var outcome: Result<Int32, SystemError>?
        Connector.connect(to: nobody.address, on: harness.loop, timeoutNanoseconds: 60 * Self.second) { outcome = $0 }
        try harness.turn { outcome != nil }
        #expect(outcome == .failure(SystemError(errno: ECONNREFUSED, call: "connect")))
        #expect(harness.loop.watches.isEmpty && harness.loop.pendingTimerCount == 0)
    }

    @Test func aMissingUnixSocketIsReportedInALaterTurn() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var outcome: Result<Int32, SystemError>?
        Connector.connect(to: .unix(path: "/nonexistent/x.sock"), on: harness.loop, timeoutNanoseconds: Self.second) {
            outcome = $0
        }
        #expect(outcome == nil)
        try harness.turn { outcome != nil }
        #expect(outcome == .failure(SystemError(errno: ENOENT, call: "connect")))
    }

    @Test func aSilentPeerTimesOut() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        // A full accept queue makes the kernel drop what comes next.
        let listener = try Listener(address: .ipv4(0x7F00_0001, port: 0), backlog: 0, on: harness.loop) {
            descriptor, _ in Syscall.close(descriptor)
        }
        listener.pause()
        let filler = try PeerSocket(connectedTo: listener.boundAddress)
        var outcomes: [Result<Int32, SystemError>] = []
        Connector.connect(to: listener.boundAddress, on: harness.loop, timeoutNanoseconds: Self.second / 20) {
            outcomes.append($0)
        }
        try harness.turn { !outcomes.isEmpty }
        #expect(outcomes == [.failure(SystemError(errno: ETIMEDOUT, call: "connect"))])
        filler.close()
        listener.close()
    }

    @Test func aCancelledAttemptIsSilent() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let address = try harness.listen { descriptor, _ in Syscall.close(descriptor) }
        var called = false
        let attempt = Connector.connect(to: address, on: harness.loop, timeoutNanoseconds: Self.second) { _ in
            called = true
        }
        attempt.cancel()
        attempt.cancel()
        harness.loop.runOnce(timeoutMilliseconds: 20)
        #expect(!called && harness.loop.watches.count == 1 && harness.loop.pendingTimerCount == 0)
    }
}
