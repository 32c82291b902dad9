/// A node as the REST interface tells it; what this command does not show is left out.
struct NodeView: Decodable {
    struct Location: Decodable {
        var region: String?
        var city: String?
        var country: String?
    }
    struct Specifications: Decodable {
        var gpu: String?
        var gpuCount: Int?
        var gpuMemory: Double?
        var cpu: String?
        var cpuCores: Int?
        var ram: Double?
        var storage: Double?
        var networkSpeed: Double?
        var operatingSystem: String?
        var driverVersion: String?
        var agentVersion: String?
    }
    struct Reason: Decodable {
        var code: String
        var message: String
        var points: Int
    }
    struct Metrics: Decodable {
        var cpuUsage: Double?
        var ramUsage: Double?
        var gpuUsage: Double?
        var gpuMemory: Double?
        var temperature: Double?
        var powerDraw: Double?
    }
    struct GPU: Decodable {
        var index: Int
        var name: String?
        var state: String?
        var gpuUtilization: Double?
        var memoryUsage: Double?
        var memoryTotal: Double?
        var temperature: Double?
        var powerDraw: Double?
        var powerLimit: Double?
    }

    var nodeId: String
    var name: String
    var ownerId: String
    var status: String
    var connected: Bool
    var lastHeardAt: String?
    var enrolledAt: String?
    var registeredAt: String?
    var location: Location?
    var specifications: Specifications?
    var healthScore: Int?
    var healthCoverage: Int?
    var healthReasons: [Reason]?
    var metrics: Metrics?
    var gpus: [GPU]?
}

/// One page of `GET /api/v1/nodes`.
struct NodePage: Decodable {
    var nodes: [NodeView]
    var nextCursor: String?
}
