import Glibc
import Testing

@testable import Reactor

struct ResolverTests {
    @Test func numericHostsNeedNoNetwork() throws {
        #expect(try Resolver.resolve(host: "127.0.0.1", port: 80).get() == [.ipv4(0x7F00_0001, port: 80)])
        #expect(try Resolver.resolve(host: "::1", port: 8).get() == [.ipv6(high: 0, low: 1, port: 8, scope: 0)])
    }

    @Test func aHostThatCannotBeIsAnErrorThatNamesIt() {
        let host = String(repeating: "x", count: 300)
        guard case .failure(let error) = Resolver.resolve(host: host, port: 80) else {
            Issue.record("resolved")
            return
        }
        #expect(error.host == host && error.description.hasPrefix("xxx"))
    }
}
