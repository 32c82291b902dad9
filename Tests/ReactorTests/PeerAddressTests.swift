import Testing

@testable import Reactor

struct PeerAddressTests {
    @Test func aMappedAddressIsTheIPv4Address() {
        let mapped = PeerAddress(ipv6High: 0, low: 0xFFFF_7F00_0001, port: 9)
        #expect(mapped == PeerAddress(ipv4: 0x7F00_0001, port: 9))
        #expect(mapped.isLoopback && mapped.description == "127.0.0.1:9")
    }

    @Test func printsEveryFamily() {
        #expect(PeerAddress(ipv6High: 0x2001_0DB8 << 32, low: 5, port: 80).description == "[2001:db8::5]:80")
        #expect(PeerAddress.unix.description == "unix" && PeerAddress.unix.isLoopback)
        #expect(PeerAddress().description == "unknown" && !PeerAddress().isLoopback)
    }

    @Test func withoutItsPortAPeerIsItsAddress() {
        #expect(PeerAddress(ipv4: 1, port: 2).withoutPort == PeerAddress(ipv4: 1, port: 3).withoutPort)
        #expect(PeerAddress(ipv4: 1, port: 2).withoutPort != PeerAddress(ipv4: 2, port: 2).withoutPort)
    }

    @Test func isSmall() { #expect(MemoryLayout<PeerAddress>.size <= 19) }
}
