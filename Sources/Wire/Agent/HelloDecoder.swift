import Bytes
import Grid

/// Reads `hello` and `inventory`: who the agent is and what its machine is made of.
enum HelloDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AgentHello {
        var reader = try AgentDecoder.open(bytes)
        var version: Int?
        var node: UUID128?
        var joinToken: String?
        var publicKey: [UInt8]?
        var stream: UUID128?
        var previousSession: UUID128?
        var specifications: NodeSpecifications?
        var location: NodeLocation?
        var agentVersion: String?
        while let key = try reader.nextKey() {
            switch key {
            case "protocol": version = try reader.whole("protocol", in: 1...Int(UInt16.max))
            case "node": node = try reader.uuid("node")
            case "join_token": joinToken = try reader.text("join_token", limit: Limits.factBytes)
            case "public_key": publicKey = try reader.bytes("public_key", count: AgentProof.publicKeyBytes)
            case "stream": stream = try reader.uuid("stream")
            case "previous_session": previousSession = try reader.uuid("previous_session")
            case "specifications": specifications = try self.specifications(&reader)
            case "location": location = try self.location(&reader)
            case "agent_version": agentVersion = try reader.text("agent_version", limit: Limits.factBytes)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return AgentHello(
            protocolVersion: try reader.required(version, "protocol"), node: node.map(NodeID.init),
            joinToken: joinToken, publicKey: try reader.required(publicKey, "public_key"),
            stream: try reader.required(stream, "stream"), previousSession: previousSession,
            specifications: try reader.required(specifications, "specifications"), location: location,
            agentVersion: try reader.required(agentVersion, "agent_version"))
    }

    static func inventory(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> NodeSpecifications {
        var reader = try AgentDecoder.open(bytes)
        var specifications: NodeSpecifications?
        while let key = try reader.nextKey() {
            switch key {
            case "specifications": specifications = try self.specifications(&reader)
            default: try reader.skip()
            }
        }
        try reader.finish()
        return try reader.required(specifications, "specifications")
    }

    private static func specifications(_ reader: inout MessageReader) throws(WireError) -> NodeSpecifications? {
        guard try reader.beginObject("specifications") else { return nil }
        reader.scope = "specifications."
        var facts = NodeSpecifications()
        while let key = try reader.nextKey() {
            switch key {
            case "gpus": facts.gpus = try gpus(&reader)
            case "cpu_model": facts.cpuModel = try reader.text("cpu_model", limit: Limits.factBytes)
            case "cpu_cores": facts.cpuCores = try reader.whole("cpu_cores", in: 1...Limits.coresPerNode)
            case "memory_total_bytes": facts.memoryTotalBytes = try reader.amount("memory_total_bytes")
            case "storage_bytes": facts.storageBytes = try reader.amount("storage_bytes")
            case "network_megabits_per_second":
                facts.networkMegabitsPerSecond = try reader.whole(
                    "network_megabits_per_second", in: SampleRanges.megabitsPerSecond)
            case "hostname": facts.hostname = try reader.text("hostname", limit: Limits.factBytes)
            case "kernel": facts.kernel = try reader.text("kernel", limit: Limits.factBytes)
            case "operating_system":
                facts.operatingSystem = try reader.text("operating_system", limit: Limits.factBytes)
            case "driver_version": facts.driverVersion = try reader.text("driver_version", limit: Limits.factBytes)
            case "agent_version": facts.agentVersion = try reader.text("agent_version", limit: Limits.factBytes)
            case "runners": facts.runners = try runners(&reader)
            default: try reader.skip()
            }
        }
        reader.scope = ""
        return facts
    }

    /// The runners' names, ascending, each once.
    private static func runners(_ reader: inout MessageReader) throws(WireError) -> [String] {
        guard try reader.beginArray("runners") else { return [] }
        var names: Set<String> = []
        while try reader.nextElement() {
            guard names.count < Limits.runnersPerNode else {
                throw reader.fault("runners", "more than \(Limits.runnersPerNode) runners")
            }
            let name = try reader.required(reader.text("runners", limit: Limits.runnerNameBytes), "runners")
            guard !name.isEmpty, names.insert(name).inserted else {
                throw reader.fault("runners", "a name that is empty or stands twice")
            }
        }
        return names.sorted()
    }

    private static func gpus(_ reader: inout MessageReader) throws(WireError) -> [GPUDescription] {
        var gpus: [GPUDescription] = []
        guard try reader.beginArray("gpus") else { return gpus }
        reader.scope = "specifications.gpus."
        while try reader.nextElement() {
            guard gpus.count < Limits.gpusPerNode else {
                throw reader.fault("index", "more than \(Limits.gpusPerNode) GPUs")
            }
            guard try reader.beginObject("index") else { throw reader.missing("index") }
            let gpu = try gpu(&reader)
            guard !gpus.contains(where: { $0.index == gpu.index }) else {
                throw reader.fault("index", "\(gpu.index) stands twice")
            }
            gpus.append(gpu)
        }
        reader.scope = "specifications."
        return gpus
    }

    private static func gpu(_ reader: inout MessageReader) throws(WireError) -> GPUDescription {
        var index: Int?
        var uuid: String?
        var name: String?
        var busID: String?
        var memory: UInt64?
        var powerLimit: UInt32?
        var slowdown: Int?
        while let key = try reader.nextKey() {
            switch key {
            case "index": index = try reader.whole("index", in: SampleRanges.gpuIndex)
            case "uuid": uuid = try reader.text("uuid", limit: Limits.factBytes)
            case "name": name = try reader.text("name", limit: Limits.factBytes)
            case "pci_bus_id": busID = try reader.text("pci_bus_id", limit: Limits.factBytes)
            case "memory_total_bytes": memory = try reader.amount("memory_total_bytes")
            case "power_limit_milliwatts":
                powerLimit = try reader.whole("power_limit_milliwatts", in: SampleRanges.milliwatts)
            case "slowdown_celsius": slowdown = try reader.whole("slowdown_celsius", in: SampleRanges.celsius)
            default: try reader.skip()
            }
        }
        var gpu = GPUDescription(
            index: try reader.required(index, "index"), uuid: try reader.required(uuid, "uuid"),
            name: try reader.required(name, "name"), pciBusID: try reader.required(busID, "pci_bus_id"))
        gpu.memoryTotalBytes = memory
        gpu.powerLimitMilliwatts = powerLimit
        gpu.slowdownCelsius = slowdown
        return gpu
    }

    private static func location(_ reader: inout MessageReader) throws(WireError) -> NodeLocation? {
        guard try reader.beginObject("location") else { return nil }
        reader.scope = "location."
        var location = NodeLocation()
        while let key = try reader.nextKey() {
            switch key {
            case "region": location.region = try reader.text("region", limit: Limits.regionBytes) ?? ""
            case "city": location.city = try reader.text("city", limit: Limits.regionBytes) ?? ""
            case "country": location.country = try reader.text("country", limit: Limits.regionBytes) ?? ""
            default: try reader.skip()
            }
        }
        reader.scope = ""
        return location
    }
}
