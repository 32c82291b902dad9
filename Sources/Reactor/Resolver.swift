import CLinux
import Glibc

/// A host name that could not be turned into addresses.
public struct ResolverError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The host that was asked for.
    public let host: String
    /// The code of getaddrinfo(3), `EAI_NONAME` and its like.
    public let code: Int32
    /// The host and the C library's words.
    public var description: String { "\(host): \(String(cString: gai_strerror(code)))" }
}

/// Turns host names into addresses.
public enum Resolver {
    /// Addresses of a host, in the order in which to try them; numeric hosts without any question to the network.
    ///
    /// Blocks for as long as the resolver takes (seconds): call it on a thread that is not a loop's.
    public static func resolve(host: String, port: UInt16) -> Result<[SocketAddress], ResolverError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = Int32(AI_NUMERICSERV)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { return .failure(ResolverError(host: host, code: code)) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            var storage = sockaddr_storage()
            if let source = current.pointee.ai_addr {
                withUnsafeMutableBytes(of: &storage) {
                    $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(current.pointee.ai_addrlen)))
                }
                if let address = SocketAddress(&storage), !addresses.contains(address) { addresses.append(address) }
            }
            entry = current.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(ResolverError(host: host, code: EAI_NONAME)) : .success(addresses)
    }
}
