/// What a token allows. `admin` implies every other permission.
public struct Permissions: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let taskSubmit = Permissions(rawValue: 1 << 0)
    public static let nodeRead = Permissions(rawValue: 1 << 1)
    public static let analyticsRead = Permissions(rawValue: 1 << 2)
    public static let admin = Permissions(rawValue: 1 << 3)
    public static let broadcast = Permissions(rawValue: 1 << 4)

    /// Every permission with its name on the wire, in the order in which lists show them.
    public static let named: [(name: String, permission: Permissions)] = [
        ("task:submit", .taskSubmit), ("node:read", .nodeRead), ("analytics:read", .analyticsRead),
        ("broadcast", .broadcast), ("admin", .admin),
    ]

    /// The permission of that name, or `nil`.
    public static func named(_ name: String) -> Permissions? {
        named.first { $0.name == name }?.permission
    }

    /// The names on the wire, in a fixed order.
    public var names: [String] { Self.named.filter { contains($0.permission) }.map(\.name) }

    /// Whether this set allows what `needed` asks for, `admin` included.
    public func allows(_ needed: Permissions) -> Bool { contains(.admin) || isSuperset(of: needed) }
}
