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

    @Test func networksAreWhatOnePeerCanHaveManyAddressesOf() {
        let first = PeerAddress(ipv6High: 0x2001_0DB8_0000_0001, low: 5, port: 80)
        #expect(first.network == PeerAddress(ipv6High: 0x2001_0DB8_0000_0001, low: .max, port: 9).network)
        #expect(first.network != PeerAddress(ipv6High: 0x2001_0DB8_0000_0002, low: 5, port: 80).network)
        #expect(PeerAddress(ipv4: 1, port: 2).network == PeerAddress(ipv4: 1, port: 3).network)
        #expect(PeerAddress(ipv4: 1, port: 2).network != PeerAddress(ipv4: 2, port: 2).network)
        // A mapped IPv4 address is an IPv4 address, wherever it comes from.
        let mapped = PeerAddress(ipv6High: 0, low: 0xFFFF_0000_0000 | 7, port: 1)
        #expect(mapped.network == PeerAddress(ipv4: 7, port: 2).network)
        #expect(PeerAddress(ipv6High: 0, low: 1, port: 5).network.isLoopback)
    }

    @Test func isSmall() { #expect(MemoryLayout<PeerAddress>.size <= 19) }
}
