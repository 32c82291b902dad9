/// A device of the network, as agents and the coordinator know it (EVENTS 31).
public struct TopologyDevice: Hashable, Sendable {
    /// What it is for the network. The raw value is the name on the wire.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The coordinator, through which everything goes.
        case router
        /// What LLDP tells of.
        case `switch`
        /// A node.
        case endpoint
    }

    /// A node's or the coordinator's UUID, or a switch's chassis identifier.
    public var id: String
    public var kind: Kind
    /// For people; empty where nobody named it.
    public var name: String
    /// The ``id`` of its neighbours, ascending.
    public var connections: [String]

    public init(id: String, kind: Kind, name: String = "", connections: [String] = []) {
        self.id = id
        self.kind = kind
        self.name = name
        self.connections = connections
    }
}

/// The network looks different now.
public struct TopologyChange: Hashable, Sendable {
    /// What happened to it. The raw value is the name on the wire.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case deviceAdded = "device_added"
        case deviceRemoved = "device_removed"
        case linkChange = "link_change"
    }

    public var kind: Kind
    /// The devices that are new, gone or otherwise connected, each as it is now; one that is gone as it was.
    public var devices: [TopologyDevice]
    public var at: Timestamp

    public init(kind: Kind, devices: [TopologyDevice], at: Timestamp) {
        self.kind = kind
        self.devices = devices
        self.at = at
    }
}
