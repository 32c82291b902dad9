/// How a node is, in EyeNet's three words (EVENTS 9).
public enum DeviceCondition: UInt8, Hashable, Sendable, CaseIterable {
    case up
    /// It is there and its health is below ``healthyFrom``.
    case degraded
    case down

    /// The health from which on a node that is there is up. One whose health nobody knows is up as well.
    public static let healthyFrom = 60

    /// - Parameter score: 0 to 100; `nil` where it is not known.
    public init(_ status: NodeStatus, score: Int?) {
        if status == .offline {
            self = .down
        } else {
            self = score ?? Self.healthyFrom < Self.healthyFrom ? .degraded : .up
        }
    }

    /// The name on the wire.
    public var name: StaticString {
        switch self {
        case .up: "up"
        case .degraded: "degraded"
        case .down: "down"
        }
    }
}

/// A node's health crossed the line between up and degraded while its status stayed. Not logged: it takes no offset,
/// and nobody can resume across it.
public struct NodeConditionChanged: Hashable, Sendable {
    public var node: NodeID
    public var condition: DeviceCondition
    /// Since its machine was started; `nil` where it does not tell.
    public var uptimeSeconds: UInt64?
    /// When its last sample came.
    public var lastSampleAt: Timestamp?
    public init(node: NodeID, condition: DeviceCondition, uptimeSeconds: UInt64?, lastSampleAt: Timestamp?) {
        self.node = node
        self.condition = condition
        self.uptimeSeconds = uptimeSeconds
        self.lastSampleAt = lastSampleAt
    }
}
