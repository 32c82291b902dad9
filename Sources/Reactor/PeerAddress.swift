import CLinux
import Glibc

/// Where a connection comes from: an IP address and port, or this machine through a Unix socket. 19 bytes, no heap.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The kind of address.
    public enum Family: UInt8, Sendable {
        case unknown, ipv4, ipv6, unix
    }

    /// The first 8 bytes of the address as an IPv6 address (an IPv4 address is mapped), in network order.
    public var high: UInt64
    /// The last 8 bytes.
    public var low: UInt64
    /// The port; 0 for Unix sockets.
    public var port: UInt16
    /// The kind of address.
    public var family: Family

    /// An unknown peer.
    public init() {
        high = 0
        low = 0
        port = 0
        family = .unknown
    }

    /// The peer at an IPv4 address in host order.
    public init(ipv4 address: UInt32, port: UInt16) {
        high = 0
        low = 0xFFFF_0000_0000 | UInt64(address)
        self.port = port
        family = .ipv4
    }

    /// The peer at an IPv6 address; a mapped IPv4 address becomes one.
    public init(ipv6High high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
        family = high == 0 && low >> 32 == 0xFFFF ? .ipv4 : .ipv6
    }

    /// A peer on this machine through a Unix socket.
    public static var unix: PeerAddress {
        var address = PeerAddress()
        address.family = .unix
        return address
    }

    init(_ storage: inout sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
            self.init(ipv4: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self) }
            let halves = withUnsafeBytes(of: address.sin6_addr) {
                (
                    UInt64(bigEndian: $0.load(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(ipv6High: halves.0, low: halves.1, port: UInt16(bigEndian: address.sin6_port))
        case AF_UNIX:
            self = .unix
        default:
            self.init()
        }
    }

    /// Whether the peer is on this machine.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 & 0xFF == 127
        case .ipv6: high == 0 && low == 1
        case .unix: true
        case .unknown: false
        }
    }

    /// The same address without its port.
    public var withoutPort: PeerAddress {
        var address = self
        address.port = 0
        return address
    }

    /// What limits per address count by: an IPv4 address, or the /64 that an IPv6 address is one of. Whoever has one
    /// address of a /64 has all of them.
    public var network: PeerAddress {
        var address = withoutPort
        if family == .ipv6, !isLoopback { address.low = 0 }
        return address
    }

    /// The address alone: `127.0.0.1`, `::1`, `unix`.
    public var addressText: String {
        switch family {
        case .ipv4: "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF)"
        case .ipv6: SocketAddress.ipv6Text(high: high, low: low)
        case .unix: "unix"
        case .unknown: "unknown"
        }
    }

    /// `127.0.0.1:4711`, `[::1]:4711`, `unix`.
    public var description: String {
        switch family {
        case .ipv4: "\(addressText):\(port)"
        case .ipv6: "[\(addressText)]:\(port)"
        case .unix, .unknown: addressText
        }
    }
}
