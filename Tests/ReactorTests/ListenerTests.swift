import CLinux
import Glibc
import Testing

@testable import Reactor

struct ListenerTests {
    @Test func acceptedSocketsAreReadyForTheLoop() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var accepted: [(Int32, PeerAddress)] = []
        let address = try harness.listen { accepted.append(($0, $1)) }
        #expect(address.port != 0)
        let peer = try PeerSocket(connectedTo: address)
        try harness.turn { accepted.count == 1 }
        let (descriptor, from) = accepted[0]
        #expect(from.isLoopback && from.family == .ipv4)
        #expect(from.port == SocketAddress(boundTo: peer.descriptor)?.port)
        #expect(fcntl(descriptor, F_GETFL, 0) & O_NONBLOCK != 0)
        #expect(fcntl(descriptor, F_GETFD, 0) & FD_CLOEXEC != 0)
        var noDelay: Int32 = 0
        var length = socklen_t(4)
        getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, &length)
        #expect(noDelay != 0)
        Syscall.close(descriptor)
        peer.close()
    }

    @Test func listensOnIPv6() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var peerAddress: PeerAddress?
        let listener = try Listener(address: .ipv6(high: 0, low: 1, port: 0, scope: 0), on: harness.loop) {
            peerAddress = $1
            Syscall.close($0)
        }
        let peer = try PeerSocket(connectedTo: listener.boundAddress)
        try harness.turn { peerAddress != nil }
        #expect(peerAddress?.family == .ipv6 && peerAddress?.isLoopback == true)
        peer.close()
        listener.close()
    }

    @Test func severalLoopsShareAPort() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let first = try Listener(address: .ipv4(0x7F00_0001, port: 0), reusePort: true, on: harness.loop) {
            descriptor, _ in Syscall.close(descriptor)
        }
        let second = try Listener(address: first.boundAddress, reusePort: true, on: harness.loop) {
            descriptor, _ in Syscall.close(descriptor)
        }
        #expect(first.boundAddress == second.boundAddress)
        #expect(throws: SystemError(errno: EADDRINUSE, call: "bind")) {
            _ = try Listener(address: first.boundAddress, on: harness.loop) { _, _ in }
        }
        first.close()
        second.close()
    }

    @Test func aUnixSocketIsForItsOwnerAlone() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let path = temporaryPath()
        var accepted: PeerAddress?
        let listener = try Listener(address: .unix(path: path), on: harness.loop) {
            accepted = $1
            Syscall.close($0)
        }
        var information = stat()
        #expect(lstat(path, &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
        let peer = try PeerSocket(connectedTo: .unix(path: path))
        try harness.turn { accepted != nil }
        #expect(accepted?.family == .unix)
        peer.close()
        listener.close()
        #expect(lstat(path, &information) != 0)
    }

    @Test func aDeadUnixSocketIsReplacedALiveOneIsNot() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let path = temporaryPath()
        let address = SocketAddress.unix(path: path)
        let dead = try address.makeSocket()
        _ = try address.withSocketAddress { bind(dead, $0, $1) }
        Syscall.close(dead)
        let listener = try Listener(address: address, on: harness.loop) { descriptor, _ in Syscall.close(descriptor) }
        #expect(throws: SystemError(errno: EADDRINUSE, call: "bind")) {
            _ = try Listener(address: address, on: harness.loop) { _, _ in }
        }
        listener.close()
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        close(file)
        #expect(throws: SystemError(errno: EADDRINUSE, call: "bind")) {
            _ = try Listener(address: address, on: harness.loop) { _, _ in }
        }
        unlink(path)
    }

    @Test func aPausedListenerLeavesPeersInTheBacklog() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        var accepted = 0
        let listener = try Listener(address: .ipv4(0x7F00_0001, port: 0), on: harness.loop) { descriptor, _ in
            accepted += 1
            Syscall.close(descriptor)
        }
        listener.pause()
        let peer = try PeerSocket(connectedTo: listener.boundAddress)
        harness.loop.runOnce(timeoutMilliseconds: 20)
        #expect(accepted == 0)
        listener.resume()
        try harness.turn { accepted == 1 }
        peer.close()
        listener.close()
    }

    /// In a process of its own, because it uses up the descriptors. A thread of the runtime may open one meanwhile:
    /// what was spoilt by that is played again.
    @Test func outOfDescriptorsItTurnsPeersAwayRestsAndRecovers() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<20 where try Exhaustion().isPlayed() { exit(EXIT_SUCCESS) }
            exit(EXIT_FAILURE)
        }
    }

    private func temporaryPath() -> String { "/tmp/reactor-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock" }
}

extension PeerSocket {
    /// Whether the stream has ended.
    func readAvailableOrEnd() -> Bool {
        var byte: UInt8 = 0
        let result = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
        return result == 0 || (result < 0 && errno == ECONNRESET)
    }
}

/// Ten descriptors for twenty peers.
private struct Exhaustion {
    private let harness: LoopHarness

    init() throws {
        var configuration = EventLoopConfiguration()
        configuration.acceptPauseMilliseconds = 20
        harness = try LoopHarness(configuration)
    }

    /// - Returns: whether the descriptors were ours to count. What the listener does wrong ends the process.
    func isPlayed() throws -> Bool {
        let loop = harness.loop
        var accepted: [Int32] = []
        let address = try harness.listen { descriptor, _ in accepted.append(descriptor) }
        let peers = try (0..<20).map { _ in try PeerSocket(connectedTo: address) }
        let limit = Self.leaveRoom(forDescriptors: 10)
        defer {
            for descriptor in accepted { Syscall.close(descriptor) }
            for peer in peers { peer.close() }
            harness.close()
            Self.setLimit(limit)
        }
        // All twenty wait in the backlog: two turns would do.
        for _ in 0..<10 where accepted.count + Int(loop.statistics.shed) < peers.count {
            loop.runOnce(timeoutMilliseconds: 100)
        }
        // Resting: nothing spins.
        let turns = loop.statistics.turns
        loop.runOnce(timeoutMilliseconds: 10)
        precondition(loop.statistics.turns == turns + 1)
        guard accepted.count == 10, loop.statistics.shed == 10 else { return false }
        var ended = 0
        for peer in peers where peer.readAvailableOrEnd() { ended += 1 }
        precondition(ended == 10, "\(ended) peers were told")
        // What is closed makes room; the limit stays.
        for descriptor in accepted { Syscall.close(descriptor) }
        accepted.removeAll()
        let late = try PeerSocket(connectedTo: address)
        try harness.turn("recovered") { accepted.count == 1 }
        late.close()
        return true
    }

    /// - Returns: the limit before.
    private static func leaveRoom(forDescriptors count: Int32) -> rlim_t {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // What was handed down may stand higher up, so the holes below it are filled first.
        let highest = (0..<4096).last { fcntl(Int32($0), F_GETFD) >= 0 } ?? 0
        var next = dup(0)
        while next < highest { next = dup(0) }
        close(next)
        setLimit(rlim_t(next + count))
        return limit.rlim_cur
    }

    private static func setLimit(_ current: rlim_t) {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = current
        precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    }
}
