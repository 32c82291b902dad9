import Bytes
import Grid
import Testing

@testable import Wire

/// Seeded damage to golden messages: decoders answer or throw, and never trap; what they take can be sent again.
@Suite("Damaged messages")
struct MutationTests {
    private static let rounds = 400

    @Test("Agent to coordinator", arguments: AgentGoldens.fromAgent.map(\.name))
    func agent(_ name: String) throws {
        try damage("agent/" + name) { bytes in
            guard let message = try? AgentCodec.decodeAgentMessage(bytes) else { return }
            let again = written { AgentCodec.encode(message, into: &$0) }
            // Fractions are sent in hundredths: the second sending is the first.
            let settled = try again.withRaw { try AgentCodec.decodeAgentMessage($0) }
            #expect(written { AgentCodec.encode(settled, into: &$0) } == again)
        }
    }

    @Test("Coordinator to agent", arguments: AgentGoldens.fromCoordinator.map(\.name))
    func coordinator(_ name: String) throws {
        try damage("agent/" + name) { bytes in
            guard let message = try? AgentCodec.decodeCoordinatorMessage(bytes) else { return }
            let again = written { AgentCodec.encode(message, into: &$0) }
            let settled = try again.withRaw { try AgentCodec.decodeCoordinatorMessage($0) }
            #expect(settled == message)
        }
    }

    @Test("Client to coordinator", arguments: NativeGoldens.clientMessages.map(\.name))
    func client(_ name: String) throws {
        try damage("native/" + name) { bytes in
            guard case .ping(let echo?)? = try? NativeCodec.decode(bytes) else { return }
            let text = written { NativeCodec.encode(.pong(time: NativeGoldens.time, echo: echo), into: &$0) }
            _ = try JSONTree(text)
        }
    }

    @Test("QUBIX client to coordinator", arguments: QubixGoldens.clientMessages.map(\.name))
    func qubix(_ name: String) throws {
        try damage("qubix/" + name) { bytes in
            guard case .subscribe(let subscription)? = try? QubixCodec.decode(bytes) else { return }
            #expect(QubixSubscription(id: subscription.id) == subscription)
            let text = written { QubixCodec.encode(.subscribed(subscription), at: NativeGoldens.time, into: &$0) }
            _ = try JSONTree(text)
        }
    }

    @Test("TriggerX client to coordinator", arguments: TriggerXGoldens.clientMessages.map(\.name))
    func triggerX(_ name: String) throws {
        try damage("triggerx/" + name) { bytes in
            guard case .subscribe(let room)? = try? TriggerXCodec.decode(bytes), let room = TriggerXRoom(room) else {
                return
            }
            #expect(TriggerXRoom(room.name) == room)
            let text = written { TriggerXCodec.encode(.subscribed(room), at: NativeGoldens.time, into: &$0) }
            _ = try JSONTree(text)
        }
    }

    @Test(
        "NeuroGraph client to coordinator",
        arguments: NeuroGraphGoldens.clientMessages.map(\.name) + NeuroGraphGoldens.requests.map(\.name))
    func neurograph(_ name: String) throws {
        try damage("neurograph/" + name) { bytes in
            _ = NeuroGraphCodec.isDecisive(bytes)
            if case .subscribe(let channels)? = try? NeuroGraphCodec.decode(bytes) {
                #expect(!channels.isEmpty && Set(channels).count == channels.count)
            }
            guard let request = try? NeuroGraphCodec.broadcast(bytes) else { return }
            let content = ChannelMessage.Content.broadcast(type: request.eventType, data: request.data)
            let message = ChannelMessage(channel: request.channel, content: content)
            let text = written { NeuroGraphCodec.encode(message, at: NativeGoldens.time, into: &$0) }
            _ = try JSONTree(text)
        }
    }

    @Test("Bodies of TriggerX' requests", arguments: TriggerXGoldens.requests)
    func triggerXRequests(_ name: String) throws {
        try damage("triggerx/" + name) { bytes in
            _ = try? TriggerXCodec.wish(bytes)
            _ = try? TriggerXCodec.fee(bytes)
            guard let report = try? TriggerXCodec.report(bytes), report.execution.fault == nil else { return }
            var event = TaskGoldens.created
            event.kind = .execution
            event.execution = report.execution
            let logged = NativeGoldens.logged(.taskUpdated(event), offset: 1)
            _ = try JSONTree(written { TriggerXCodec.encode(logged, into: &$0) })
        }
    }

    @Test("EyeNet client to coordinator", arguments: EyeNetGoldens.clientMessages.map(\.name))
    func eyenet(_ name: String) throws {
        try damage("eyenet/" + name) { bytes in
            let text = [UInt8(ascii: "2")] + bytes
            guard
                case .subscribe(let subscription)? = try? text.withExactBytes({
                    try EyeNetCodec.decode(SocketIOPacket($0))
                })
            else { return }
            _ = try JSONTree(json { EyeNetCodec.acknowledge(.subscribed, subscription, to: &$0) })
        }
    }

    @Test("Any sample that is taken can be told to subscribers", arguments: ["sample", "sample_detail"])
    func events(_ name: String) throws {
        var sample = SampleMaker.complete()
        try damage("agent/" + name) { bytes in
            guard (try? AgentCodec.decodeSample(bytes, into: &sample)) == true else { return }
            let metrics = NodeMetrics(
                node: NativeGoldens.node, sample: sample, gpus: AgentGoldens.specifications.gpus,
                health: NativeGoldens.health)
            let event = NativeGoldens.logged(.nodeMetrics(metrics), offset: 1)
            _ = try JSONTree(written { NativeCodec.encode(event, into: &$0) })
            _ = try JSONTree(written { QubixCodec.encode(event, into: &$0) })
            var summary = NativeGoldens.summary
            summary.latestSample = sample
            summary.latestDetail = sample.detail
            _ = try JSONTree(written { RESTCodec.node(summary, into: &$0) })
        }
    }

    private func damage(_ name: String, _ check: (UnsafeRawBufferPointer) throws -> Void) throws {
        let golden = Array(try Goldens.text(name).utf8)
        var generator = Seeded(UInt64(golden.count))
        let tokens = [
            "{", "}", "[", "]", "\"", ":", ",", "\\", "null", "1e999", "-", "18446744073709551615", "\u{0}", "é",
        ]
        // Every beginning, then changes, cuts, doublings and insertions.
        for end in stride(from: 0, to: golden.count, by: max(1, golden.count / 100)) {
            try Array(golden[..<end]).withExactBytes(check)
        }
        for _ in 0..<Self.rounds {
            var bytes = golden
            for _ in 0...Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2:
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &generator)))
                case 3: bytes.insert(contentsOf: Array(tokens.randomElement(using: &generator)!.utf8), at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
                }
            }
            try bytes.withExactBytes(check)
        }
    }
}
