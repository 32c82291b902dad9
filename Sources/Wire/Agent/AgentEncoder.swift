import Bytes
import Grid

/// Writes the small messages of the agent link. Absent facts are left out.
enum AgentEncoder {
    static func write(_ hello: AgentHello, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "hello")
        writer.field("protocol", hello.protocolVersion)
        if let node = hello.node { writer.field("node", node) }
        if let token = hello.joinToken { writer.field("join_token", token) }
        writer.field("public_key", base64: hello.publicKey)
        writer.field("stream", hello.stream)
        if let session = hello.previousSession { writer.field("previous_session", session) }
        writer.key("specifications")
        specifications(hello.specifications, to: &writer)
        if let location = hello.location {
            writer.key("location")
            self.location(location, to: &writer)
        }
        writer.field("agent_version", hello.agentVersion.cut(to: Limits.factBytes))
        writer.endObject()
    }

    static func write(inventory: NodeSpecifications, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "inventory")
        writer.key("specifications")
        specifications(inventory, to: &writer)
        writer.endObject()
    }

    static func write(_ proof: AgentProof, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "proof")
        writer.field("signature", base64: proof.signature)
        writer.endObject()
    }

    static func write(_ challenge: AgentChallenge, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "challenge")
        writer.field("coordinator", challenge.coordinatorID)
        writer.field("nonce", base64: challenge.nonce)
        writer.field("node", challenge.node)
        writer.endObject()
    }

    static func write(_ welcome: AgentWelcome, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "welcome")
        writer.field("session", welcome.session)
        writer.field("epoch", welcome.epoch)
        writer.field("interval_ms", welcome.intervalMilliseconds)
        writer.field("acked", welcome.acked)
        writer.endObject()
    }

    static func write(ack sequence: UInt64, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "ack")
        writer.field("seq", sequence)
        writer.endObject()
    }

    static func write(adviceMilliseconds interval: UInt32, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "advice")
        writer.field("interval_ms", interval)
        writer.endObject()
    }

    static func write(refused code: String, _ message: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "refused")
        writer.field("code", code)
        writer.field("message", message.cut(to: 4 * Limits.readingTextBytes))
        writer.endObject()
    }

    static func write(goodbye reason: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", static: "goodbye")
        writer.field("reason", reason.cut(to: Limits.readingTextBytes))
        writer.endObject()
    }

    private static func specifications(_ facts: NodeSpecifications, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("gpus")
        writer.beginArray()
        for gpu in facts.gpus where SampleRanges.gpuIndex.contains(gpu.index) { self.gpu(gpu, to: &writer) }
        writer.endArray()
        text("cpu_model", facts.cpuModel, to: &writer)
        number("cpu_cores", facts.cpuCores, in: 1...Limits.coresPerNode, to: &writer)
        number("memory_total_bytes", facts.memoryTotalBytes, in: 0...UInt64.max, to: &writer)
        number("storage_bytes", facts.storageBytes, in: 0...UInt64.max, to: &writer)
        number(
            "network_megabits_per_second", facts.networkMegabitsPerSecond, in: SampleRanges.megabitsPerSecond,
            to: &writer)
        text("hostname", facts.hostname, to: &writer)
        text("kernel", facts.kernel, to: &writer)
        text("operating_system", facts.operatingSystem, to: &writer)
        text("driver_version", facts.driverVersion, to: &writer)
        text("agent_version", facts.agentVersion, to: &writer)
        runners(facts.runners, to: &writer)
        writer.endObject()
    }

    private static func runners(_ names: [String], to writer: inout JSONWriter) {
        guard !names.isEmpty else { return }
        writer.key("runners")
        writer.beginArray()
        for name in names.prefix(Limits.runnersPerNode) { writer.string(name) }
        writer.endArray()
    }

    private static func gpu(_ gpu: GPUDescription, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("index", gpu.index)
        text("uuid", gpu.uuid, to: &writer)
        text("name", gpu.name, to: &writer)
        text("pci_bus_id", gpu.pciBusID, to: &writer)
        number("memory_total_bytes", gpu.memoryTotalBytes, in: 0...UInt64.max, to: &writer)
        number("power_limit_milliwatts", gpu.powerLimitMilliwatts, in: SampleRanges.milliwatts, to: &writer)
        number("slowdown_celsius", gpu.slowdownCelsius, in: SampleRanges.celsius, to: &writer)
        writer.endObject()
    }

    private static func location(_ location: NodeLocation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("region", location.region.cut(to: Limits.regionBytes))
        writer.field("city", location.city.cut(to: Limits.regionBytes))
        writer.field("country", location.country.cut(to: Limits.regionBytes))
        writer.endObject()
    }

    private static func text(_ key: StaticString, _ value: String?, to writer: inout JSONWriter) {
        guard let value else { return }
        writer.field(key, value.cut(to: Limits.factBytes))
    }

    private static func number<Number: FixedWidthInteger>(
        _ key: StaticString, _ value: Number?, in range: ClosedRange<Number>, to writer: inout JSONWriter
    ) {
        guard let value, range.contains(value) else { return }
        writer.field(key, value)
    }
}
