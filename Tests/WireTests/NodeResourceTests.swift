import Bytes
import Grid
import Testing

@testable import Wire

@Suite("REST: a node")
struct NodeResourceTests {
    @Test("An offline node keeps the time of its last sample, not its readings")
    func offline() throws {
        var summary = NativeGoldens.summary
        summary.status = .offline
        let tree = try JSONTree(written { RESTCodec.node(summary, into: &$0) })
        #expect(tree[["metrics", "cpu_usage"]]?.text == "null")
        #expect(tree[["host", "uptime"]]?.text == "null")
        #expect(tree[["detail"]]?.text == "null")
        #expect(tree[["sampled_at"]]?.text == "\"2024-01-15T10:30:00.000Z\"")
        #expect(tree[["gpus", nil, "state"]]?.text == "null")
        #expect(tree[["gpus", nil, "name"]]?.text == "\"NVIDIA GeForce RTX 4090\"")
    }

    @Test(
        "Prices are decimal dollars, exactly",
        arguments: [(400_000, "0.4"), (1, "0.000001"), (12_345_678, "12.345678")])
    func price(micros: Int64, text: String) throws {
        var summary = NativeGoldens.summary
        summary.record.pricePerHourMicros = micros
        let tree = try JSONTree(written { RESTCodec.node(summary, into: &$0) })
        #expect(tree[["price_per_hour"]]?.text == text)
    }

    @Test("Nothing secret is shown")
    func secrets() {
        var summary = NativeGoldens.summary
        summary.record.publicKey = AgentGoldens.publicKey
        #expect(!written { RESTCodec.node(summary, into: &$0) }.contains("key"))
    }
}
