import CLinux
import Glibc

/// Where to listen or to connect to.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address in host order.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address as two halves in network order, and its interface index (0: none).
    case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)
    /// A path in the file system, at most 107 bytes.
    case unix(path: String)

    /// Reads `127.0.0.1:3001`, `[::1]:80` or `unix:/run/x.sock`; nil for anything else, host names included.
    public static func parse(_ text: String) -> SocketAddress? {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            return path.isEmpty || path.utf8.count > maximumPathBytes ? nil : .unix(path: path)
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
        else { return nil }
        var host = text[..<colon]
        if host.first == "[" && host.last == "]" {
            host = host.dropFirst().dropLast()
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(host), &address) == 1 else { return nil }
            let halves = withUnsafeBytes(of: address) {
                (
                    UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            return .ipv6(high: halves.0, low: halves.1, port: port, scope: 0)
        }
        var address = in_addr()
        guard inet_pton(AF_INET, String(host), &address) == 1 else { return nil }
        return .ipv4(UInt32(bigEndian: address.s_addr), port: port)
    }

    /// The port; nil for a path.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port): port
        case .ipv6(_, _, let port, _): port
        case .unix: nil
        }
    }

    /// Whether only this machine can reach the address.
    public var isLoopback: Bool {
        switch self {
        case .ipv4(let address, _): address >> 24 == 127
        case .ipv6(let high, let low, _, _): high == 0 && low == 1
        case .unix: true
        }
    }

    /// What ``parse(_:)`` reads.
    public var description: String {
        switch self {
        case .ipv4(let address, let port): PeerAddress(ipv4: address, port: port).description
        case .ipv6(let high, let low, let port, _): "[\(Self.ipv6Text(high: high, low: low))]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// What fits in a socket address besides its terminator.
    static let maximumPathBytes = 107

    /// The address family, for `socket(2)`.
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    static func ipv6Text(high: UInt64, low: UInt64) -> String {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) {
            $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix(while: { $0 != 0 }).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A new non-blocking socket of the address's family.
    func makeSocket() throws(SystemError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return try Syscall.check(socket(family, type, 0), "socket")
    }

    /// Lends the address as the system calls want it.
    func withSocketAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws(SystemError) -> Int32 {
        var storage = sockaddr_storage()
        let length: Int
        switch self {
        case .ipv4(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = host.bigEndian
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in.self) }
            length = MemoryLayout<sockaddr_in>.size
        case .ipv6(let high, let low, let port, let scope):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) {
                $0.storeBytes(of: high.bigEndian, as: UInt64.self)
                $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in6.self) }
            length = MemoryLayout<sockaddr_in6>.size
        case .unix(let path):
            let bytes = Array(path.utf8)
            guard bytes.count <= Self.maximumPathBytes, !bytes.isEmpty, !bytes.contains(0) else {
                throw SystemError(errno: bytes.count > Self.maximumPathBytes ? ENAMETOOLONG : EINVAL, call: "socket")
            }
            storage.ss_family = sa_family_t(AF_UNIX)
            let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            withUnsafeMutableBytes(of: &storage) { target in
                for (index, byte) in bytes.enumerated() { target[offset + index] = byte }
            }
            length = offset + bytes.count + 1
        }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }

    /// The address a socket is bound to.
    init?(boundTo descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        self.init(&storage)
    }

    /// The address in a `sockaddr`; nil for families other than IPv4 and IPv6.
    init?(_ storage: inout sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let peer = PeerAddress(&storage)
            self = .ipv4(UInt32(truncatingIfNeeded: peer.low), port: peer.port)
        case AF_INET6:
            let peer = PeerAddress(&storage)
            let scope = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self).sin6_scope_id }
            self = .ipv6(high: peer.high, low: peer.low, port: peer.port, scope: scope)
        default:
            return nil
        }
    }
}
