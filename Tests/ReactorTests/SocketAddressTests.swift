import Glibc
import Testing

@testable import Reactor

struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:3001", "0.0.0.0:0", "[::1]:80", "[2001:db8::7]:65535", "unix:/run/x.sock"])
    func readsWhatItWrites(text: String) { #expect(SocketAddress.parse(text)?.description == text) }

    @Test(arguments: [
        "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "localhost:80", "::1:80",
        "[::1]", "[::1]80", "[127.0.0.1]:80", "1.2.3:4", "unix:", "127.0.0.1:8 0",
    ])
    func refusesWhatIsNoAddress(text: String) { #expect(SocketAddress.parse(text) == nil) }

    @Test func refusesAPathThatDoesNotFit() {
        let path = "/" + String(repeating: "x", count: 107)
        #expect(SocketAddress.parse("unix:" + path) == nil)
        #expect(throws: SystemError(errno: ENAMETOOLONG, call: "socket")) {
            _ = try SocketAddress.unix(path: path).withSocketAddress { _, _ in 0 }
        }
    }

    @Test func knowsLoopback() {
        #expect(SocketAddress.parse("127.9.9.9:1")?.isLoopback == true)
        #expect(SocketAddress.parse("[::1]:1")?.isLoopback == true)
        #expect(SocketAddress.parse("10.0.0.1:1")?.isLoopback == false)
        #expect(SocketAddress.parse("[::]:1")?.isLoopback == false)
    }
}
