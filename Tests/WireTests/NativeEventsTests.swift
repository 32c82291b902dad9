import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: events")
struct NativeEventsTests {
    @Test("Documented fields come first, in the documents' order")
    func fieldOrder() throws {
        func keys(_ name: String, _ path: String...) throws -> [String] {
            let tree = try JSONTree(Goldens.text("native/" + name))
            guard case .object(let members)? = tree[path.map { Optional($0) }[...]] else { return [] }
            return members.map(\.key)
        }
        #expect(
            try keys("node_status", "data").prefix(6)
                == ["node_id", "status", "previous_status", "current_task", "updated_at", "metrics"])
        #expect(
            try keys("node_status", "data", "metrics")
                == ["gpu_utilization", "memory_usage", "temperature", "power_draw"])
        #expect(try keys("node_metrics", "data").prefix(4) == ["node_id", "timestamp", "metrics", "health_score"])
        #expect(
            try keys("node_metrics", "data", "metrics")
                == ["cpu_usage", "ram_usage", "gpu_usage", "gpu_memory", "network_io", "disk_io"])
        #expect(try keys("node_metrics", "data", "metrics", "network_io") == ["bytes_in", "bytes_out"])
        #expect(try keys("node_metrics", "data", "metrics", "disk_io") == ["read_mb", "write_mb"])
        #expect(
            try keys("node_registered", "data")
                == ["node_id", "name", "owner_id", "specifications", "location", "registered_at"])
        #expect(
            try keys("node_registered", "data", "specifications").prefix(6)
                == ["gpu", "gpu_memory", "cpu", "ram", "storage", "network_speed"])
        #expect(try keys("node_registered", "data", "location") == ["region", "city", "country"])
        #expect(try keys("node_metrics_bare", "data") == keys("node_metrics", "data"))
        #expect(try keys("node_metrics_bare", "data", "metrics") == keys("node_metrics", "data", "metrics"))
    }

    @Test(
        "What logs and replays take for an event's size is about its size", arguments: NativeGoldens.events.map(\.name))
    func approximateSize(_ name: String) throws {
        let event = try #require(NativeGoldens.events.first { $0.name == name }?.event)
        let size = try Goldens.text("native/" + name).utf8.count
        #expect(size <= 2 * event.event.approximateByteCount && event.event.approximateByteCount <= 3 * size)
    }

    @Test("An offline node's readings are null though its last sample is known")
    func offline() throws {
        let text = try Goldens.text("native/node_status_offline")
        #expect(text.contains("\"metrics\":{\"gpu_utilization\":null,\"memory_usage\":null,\"temperature\":null,"))
    }

    @Test("Encoding a metrics event allocates nothing once the buffer has room")
    func noAllocation() throws {
        let event = try #require(NativeGoldens.events.first { $0.name == "node_metrics" }?.event)
        var buffer = ByteBuffer(capacity: 64 << 10)
        NativeCodec.encode(event, into: &buffer)
        let address = buffer.withBytes { $0.baseAddress }
        for _ in 0..<10 {
            buffer.removeAll(keepingCapacity: true)
            NativeCodec.encode(event, into: &buffer)
        }
        #expect(buffer.withBytes { $0.baseAddress } == address)
    }
}
