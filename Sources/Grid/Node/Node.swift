/// What a node does for the grid at present.
public enum NodeStatus: UInt8, Sendable, Hashable, CaseIterable {
    case online, busy, draining, offline

    /// The name on the native wire.
    public var name: String {
        switch self {
        case .online: "online"
        case .busy: "busy"
        case .draining: "draining"
        case .offline: "offline"
        }
    }
    public init?(name: String) {
        guard let status = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = status
    }
}

/// Where a node stands, as its operator enrolled it. Empty text is unknown.
public struct NodeLocation: Hashable, Sendable {
    public var region: String
    public var city: String
    public var country: String
    public init(region: String = "", city: String = "", country: String = "") {
        self.region = region
        self.city = city
        self.country = country
    }
}

/// One GPU as it stands in the machine: what does not change from sample to sample.
public struct GPUDescription: Hashable, Sendable {
    /// NVML's index, 0-based; ``GPUSample/index`` refers to it.
    public var index: Int
    /// NVML's UUID, `GPU-…`.
    public var uuid: String
    public var name: String
    public var pciBusID: String
    public var memoryTotalBytes: UInt64?
    public var powerLimitMilliwatts: UInt32?
    /// The temperature at which the card slows itself down.
    public var slowdownCelsius: Int?
    public init(index: Int, uuid: String, name: String, pciBusID: String) {
        self.index = index
        self.uuid = uuid
        self.name = name
        self.pciBusID = pciBusID
    }
}

/// The machine's fixed facts; unknown ones are `nil`.
public struct NodeSpecifications: Hashable, Sendable {
    public var gpus: [GPUDescription] = []
    /// The processor's model name.
    public var cpuModel: String?
    public var cpuCores: Int?
    public var memoryTotalBytes: UInt64?
    /// Fixed disks together.
    public var storageBytes: UInt64?
    /// The fastest physical link.
    public var networkMegabitsPerSecond: Int?
    public var hostname: String?
    public var kernel: String?
    public var operatingSystem: String?
    public var driverVersion: String?
    public var agentVersion: String?
    /// The names of the runners that the host's operator allows, ascending, at most ``Limits/runnersPerNode``. Not
    /// stored: without its agent a node runs nothing.
    public var runners: [String] = []
    public init() {}
}

/// A node as enrolled: what survives every restart.
public struct NodeRecord: Hashable, Sendable {
    public var id: NodeID
    public var name: String
    public var owner: UserID
    public var location: NodeLocation
    /// In millionths of a US dollar per hour; `nil` where the operator named none.
    public var pricePerHourMicros: Int64?
    /// The agent's Ed25519 public key, 32 bytes; `nil` until the join token was used.
    public var publicKey: [UInt8]?
    public var enrolledAt: Timestamp
    /// When the agent first proved itself; `nil` until then.
    public var registeredAt: Timestamp?
    /// Whether an operator wants nothing new to go to it.
    public var isDraining = false
    /// Rises with every session of the agent; fences older ones.
    public var sessionEpoch: UInt64
    /// As the last hello told them; `nil` until the first.
    public var specifications: NodeSpecifications?

    public init(id: NodeID, name: String, owner: UserID, location: NodeLocation, enrolledAt: Timestamp) {
        self.id = id
        self.name = name
        self.owner = owner
        self.location = location
        self.enrolledAt = enrolledAt
        sessionEpoch = 0
    }
}

/// A join token's registration: the token itself is never kept, only its digest.
public struct EnrolmentRecord: Hashable, Sendable {
    public var tokenDigest: Digest256
    public var node: NodeID
    public var expiresAt: Timestamp
    /// When the token was exchanged for a key; a second use is refused.
    public var usedAt: Timestamp?
    public init(tokenDigest: Digest256, node: NodeID, expiresAt: Timestamp) {
        self.tokenDigest = tokenDigest
        self.node = node
        self.expiresAt = expiresAt
    }
}

/// A health score with what lowered it.
public struct Health: Hashable, Sendable {
    /// 0 (unusable) to 100; `nil` while nothing is known.
    public var score: Int?
    /// The share of expected signals that were present, 0 to 100.
    public var coveragePercent: Int
    /// What lowered the score or is unknown, worst first.
    public var reasons: [HealthReason]
    public init(score: Int?, coveragePercent: Int, reasons: [HealthReason]) {
        self.score = score
        self.coveragePercent = coveragePercent
        self.reasons = reasons
    }
    public static let unknown = Health(score: nil, coveragePercent: 0, reasons: [])
}

/// One entry of a health score's explanation.
public struct HealthReason: Hashable, Sendable {
    /// A stable word for programs, as `gpu_missing`.
    public var code: String
    /// A sentence for people.
    public var message: String
    /// The points taken, 0 where the signal is only unknown.
    public var points: Int
    public init(code: String, message: String, points: Int) {
        self.code = code
        self.message = message
        self.points = points
    }
}
