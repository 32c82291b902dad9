import Bytes
import Grid
import Testing

@testable import Wire

@Suite("QUBIX dialect")
struct QubixCodecTests {
    @Test("Every event is its golden message", arguments: QubixGoldens.events.map(\.name))
    func events(_ name: String) throws {
        let event = try #require(QubixGoldens.events.first { $0.name == name }?.event)
        #expect(Dialect.qubix.carries(event.event))
        let text = written { #expect(Dialect.qubix.encode(event, into: &$0)) }
        #expect(try text == Goldens.text("qubix/" + name))
    }

    @Test("Every answer is its golden message", arguments: QubixGoldens.replies.map(\.name))
    func replies(_ name: String) throws {
        let reply = try #require(QubixGoldens.replies.first { $0.name == name }?.reply)
        let text = written { QubixCodec.encode(reply, at: NativeGoldens.time, into: &$0) }
        #expect(try text == Goldens.text("qubix/" + name))
    }

    @Test("Every client's golden message is read", arguments: QubixGoldens.clientMessages.map(\.name))
    func clientMessages(_ name: String) throws {
        let message = try #require(QubixGoldens.clientMessages.first { $0.name == name }?.message)
        #expect(try Goldens.text("qubix/" + name).withRaw { try QubixCodec.decode($0) } == message)
    }

    @Test("The statistics are their golden message")
    func statistics() throws {
        #expect(try written(QubixGoldens.statistics) == Goldens.text("qubix/statistics"))
    }

    @Test("An event that the dialect has no message for leaves nothing behind", arguments: QubixGoldens.others)
    func others(_ event: RoomEvent) {
        var buffer = ByteBuffer()
        #expect(!Dialect.qubix.carries(event))
        #expect(!Dialect.qubix.encode(NativeGoldens.logged(event, offset: 1), into: &buffer) && buffer.isEmpty)
    }

    @Test("What only the market is told, the native dialect does not carry")
    func listings() throws {
        let event = try #require(QubixGoldens.events.first { $0.name == "marketplace_update" }?.event)
        #expect(!Dialect.native.carries(event.event))
    }

    @Test("Every message ends with its time and every event names its subject")
    func envelopes() throws {
        for (name, _) in QubixGoldens.events {
            let tree = try JSONTree(Goldens.text("qubix/" + name))
            guard case .object(let members) = tree else {
                Issue.record("\(name) is no object")
                continue
            }
            #expect(members.map(\.key) == ["type", "subscriptionId", "data", "timestamp"], "\(name)")
        }
    }

    @Test("A host whose memory is beyond reason is told in percent all the same")
    func memory() {
        var sample = NodeSample(sequence: 1, takenAt: NativeGoldens.time, intervalMilliseconds: 1000)
        let readings: [(UInt64, UInt64, String)] = [
            (.max, 0, "100"), (.max, .max, "0"), (1, 0, "0"), (3 << 30, 1 << 30, "66.67"),
        ]
        for (total, available, percent) in readings {
            sample.host.memoryTotalBytes = total
            sample.host.memoryAvailableBytes = available
            let event = NodeMetrics(node: NativeGoldens.node, sample: sample, gpus: [], health: .unknown)
            let text = written { QubixCodec.encode(NativeGoldens.logged(.nodeMetrics(event), offset: 1), into: &$0) }
            #expect(text.contains("\"ramPercent\":\(percent),"), "\(text)")
        }
    }
}
