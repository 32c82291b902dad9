/// An agent proved itself for the first time: the node exists for the marketplace.
public struct NodeRegistered: Hashable, Sendable {
    public var node: NodeID
    public var name: String
    public var owner: UserID
    public var specifications: NodeSpecifications
    public var location: NodeLocation
    public var registeredAt: Timestamp
    /// In millionths of a US dollar per hour; `nil` where its operator named none.
    public var pricePerHourMicros: Int64?
    /// SHA-256 of its agent's public key.
    public var keyFingerprint: Digest256?
    public init(
        node: NodeID, name: String, owner: UserID, specifications: NodeSpecifications,
        location: NodeLocation, registeredAt: Timestamp
    ) {
        self.node = node
        self.name = name
        self.owner = owner
        self.specifications = specifications
        self.location = location
        self.registeredAt = registeredAt
    }
}

/// A node's status changed.
public struct NodeStatusChanged: Hashable, Sendable {
    public var node: NodeID
    public var status: NodeStatus
    /// `nil` for the first status of a node that was never seen.
    public var previous: NodeStatus?
    public var currentTask: TaskID?
    public var updatedAt: Timestamp
    /// The latest sample; `nil` when the node is offline or has sent none.
    public var sample: NodeSample?
    public var health: Health
    /// Of the sample; `nil` without one.
    public var hops: SampleHops?
    /// When the node's last sample came, whether or not it still tells how the node is.
    public var lastSampleAt: Timestamp?
    public init(
        node: NodeID, status: NodeStatus, previous: NodeStatus?, currentTask: TaskID?, updatedAt: Timestamp,
        sample: NodeSample?, health: Health, hops: SampleHops? = nil
    ) {
        self.node = node
        self.status = status
        self.previous = previous
        self.currentTask = currentTask
        self.updatedAt = updatedAt
        self.sample = sample
        self.health = health
        self.hops = hops
    }
}

/// A sample arrived and was scored.
public struct NodeMetrics: Hashable, Sendable {
    public var node: NodeID
    public var sample: NodeSample
    /// What the hello told of the GPUs: names and UUIDs for the per-device list.
    public var gpus: [GPUDescription]
    public var health: Health
    /// When the sample was where; `nil` only where nobody measured.
    public var hops: SampleHops?
    public init(
        node: NodeID, sample: NodeSample, gpus: [GPUDescription], health: Health, hops: SampleHops? = nil
    ) {
        self.node = node
        self.sample = sample
        self.gpus = gpus
        self.health = health
        self.hops = hops
    }
}
