import Glibc
import Reactor
import Testing

@testable import Dial

struct HostDialerTests {
    private func deadline(_ milliseconds: UInt64 = 60_000) -> UInt64 {
        Clock.monotonicNanoseconds() + milliseconds * 1_000_000
    }

    private func open(
        _ host: String, _ harness: DialHarness, port: UInt16? = nil, unixPath: String? = nil,
        milliseconds: UInt64 = 60_000
    ) throws -> Result<Int32, DialError> {
        let dialer = HostDialer(on: harness.loop)
        defer { dialer.close() }
        var outcome: Result<Int32, DialError>?
        let destination = Destination(host: host, port: port ?? harness.port, unixPath: unixPath)
        _ = dialer.open(destination, deadline: deadline(milliseconds)) { outcome = $0 }
        #expect(outcome == nil)
        try harness.turn { outcome != nil }
        if case .success(let descriptor) = outcome { close(descriptor) }
        return try #require(outcome)
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func reachesAHost(host: String) throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        guard case .success = try open(host, harness) else {
            Issue.record("not reached")
            return
        }
    }

    @Test func reachesAUnixSocket() throws {
        let path = "/tmp/dial-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
        let harness = try DialHarness(at: .unix(path: path)) { _, _ in }
        defer { harness.close() }
        guard case .success = try open("ignored", harness, unixPath: path) else {
            Issue.record("not reached")
            return
        }
    }

    @Test func aNameThatCannotBeResolvedIsNamed() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let host = String(repeating: "x", count: 300)
        guard case .failure(.unresolved(let error)) = try open(host, harness) else {
            Issue.record("resolved")
            return
        }
        #expect(error.host == host)
    }

    @Test func aRefusalIsUnreachable() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let nobody = try RefusingPort()
        defer { nobody.close() }
        let outcome = try open("127.0.0.1", harness, port: nobody.port)
        #expect(outcome == .failure(.unreachable(SystemError(errno: ECONNREFUSED, call: "connect"))))
    }

    @Test func dialsOfOneNameShareItsResolution() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        let dialer = HostDialer(on: harness.loop)
        var outcomes = 0
        var cancelled = false
        let destination = Destination(host: "localhost", port: harness.port, unixPath: nil)
        for _ in 0..<3 {
            _ = dialer.open(destination, deadline: deadline()) { result in
                outcomes += 1
                if case .success(let descriptor) = result { close(descriptor) }
            }
        }
        dialer.open(destination, deadline: deadline()) { _ in cancelled = true }.cancel()
        try harness.turn { outcomes == 3 }
        #expect(!cancelled)
        dialer.close()
    }

    @Test func thePatienceForResolutionAndConnectIsOne() throws {
        let harness = try DialHarness { _, _ in }
        defer { harness.close() }
        #expect(try open("127.0.0.1", harness, milliseconds: 0) == .failure(.timedOut))
    }
}
