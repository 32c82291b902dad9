import Bytes
import Grid
import Testing

@testable import Wire

@Suite("Native dialect: golden messages")
struct NativeCodecTests {
    @Test("Events", arguments: NativeGoldens.events.map(\.name))
    func events(_ name: String) throws {
        let event = try #require(NativeGoldens.events.first { $0.name == name }?.event)
        #expect(try written { NativeCodec.encode(event, into: &$0) } == Goldens.text("native/" + name))
    }

    @Test("Replies", arguments: NativeGoldens.replies.map(\.name))
    func replies(_ name: String) throws {
        let reply = try #require(NativeGoldens.replies.first { $0.name == name }?.reply)
        #expect(try written { NativeCodec.encode(reply, into: &$0) } == Goldens.text("native/" + name))
    }

    @Test("What clients say", arguments: NativeGoldens.clientMessages.map(\.name))
    func clientMessages(_ name: String) throws {
        let message = try #require(NativeGoldens.clientMessages.first { $0.name == name }?.message)
        let text = try Goldens.text("native/" + name)
        #expect(try text.withRaw { try NativeCodec.decode($0) } == message)
        var generator = Seeded(5)
        // Unknown filters are refused: only the others get unknown keys.
        let tree = try JSONTree(text)
        let isOpen = name != "join_room_filters" && name != "ping_data"
        for _ in 0..<50 {
            let text = (isOpen ? tree.withUnknownKeys() : tree).shuffled(using: &generator).text(separator: " ")
            guard name != "ping_data" else { continue }
            #expect(try text.withRaw { try NativeCodec.decode($0) } == message, "\(text)")
        }
    }

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

    @Test("Every message is one whole JSON text, also behind what the buffer holds already")
    func appending() throws {
        var buffer = ByteBuffer()
        buffer.append("before")
        for (_, event) in NativeGoldens.events {
            let start = buffer.count
            NativeCodec.encode(event, into: &buffer)
            _ = try JSONTree(String(decoding: buffer.bytes[start...], as: UTF8.self))
        }
        #expect(buffer.text.hasPrefix("before{"))
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

    @Test("What to do about a refused authentication", arguments: Refusal.Code.allCases)
    func actions(_ code: Refusal.Code) throws {
        let text = written { NativeCodec.encode(.authError(Refusal(code, "x")), into: &$0) }
        #expect(text.contains("\"code\":\"\(code.rawValue)\""))
        let isLogin = [.invalidToken, .tokenExpired, .forbidden].contains(code)
        #expect(text.contains("\"action\":\"redirect_to_login\"") == isLogin)
    }
}
