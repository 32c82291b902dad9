import Bytes
import Grid
import Wire

extension FuzzTarget {
    /// The agent link, both directions: what is taken can be sent again and is then taken as the same.
    static let agentMessage = FuzzTarget("agent-message") { input in
        try AgentLink.checkAgentMessage(input)
        try AgentLink.checkCoordinatorMessage(input)
        try AgentLink.checkSample(input)
    }
}

private enum AgentLink {
    static func checkAgentMessage(_ input: UnsafeRawBufferPointer) throws {
        guard let message = try taken({ try AgentCodec.decodeAgentMessage(input) }) else { return }
        let text = written { AgentCodec.encode(message, into: &$0) }
        let again = try text.withBytes { try AgentCodec.decodeAgentMessage($0) }
        // Fractions are sent in hundredths, so the first sending may round; the second must not.
        let second = written { AgentCodec.encode(again, into: &$0) }
        try require(second.text == text.text, "sent \(text.text), then \(second.text)")
        try require(rounded(message) == rounded(again), "\(message) became \(again)")
    }

    static func checkCoordinatorMessage(_ input: UnsafeRawBufferPointer) throws {
        guard let message = try taken({ try AgentCodec.decodeCoordinatorMessage(input) }) else { return }
        let text = written { AgentCodec.encode(message, into: &$0) }
        let again = try text.withBytes { try AgentCodec.decodeCoordinatorMessage($0) }
        try require(again == message, "\(message) became \(again)")
    }

    /// The way of samples: into a value that held another one, and on to subscribers.
    static func checkSample(_ input: UnsafeRawBufferPointer) throws {
        var sample = used
        let isSample = try taken { try AgentCodec.decodeSample(input, into: &sample) }
        let message = try taken { try AgentCodec.decodeAgentMessage(input) }
        guard isSample == true else {
            if case .sample? = message { throw FuzzFinding("a sample that only one of two readers takes") }
            if isSample == false { try require(sample == used, "a message of another type changed the sample") }
            return
        }
        try require(message == .sample(sample), "\(sample) in a used value, else \(String(describing: message))")
        let metrics = NodeMetrics(node: NodeID(UUID128(high: 1, low: 2)), sample: sample, gpus: [], health: .unknown)
        let event = LoggedEvent(
            position: LogPosition(epoch: 1, offset: 1), at: sample.takenAt, facts: EventFacts(),
            event: .nodeMetrics(metrics))
        try requireJSON(written { NativeCodec.encode(event, into: &$0) })
    }

    /// A sample with a value in every kind of place, none of which may shine through the next one.
    private static let used: NodeSample = {
        let text: StaticString = """
            {"type":"sample","seq":7,"taken_at_ms":1705314600000,"interval_ms":1000,
            "host":{"cpu_percent":45.25,"load_1":3.5,"swap_free_bytes":8589930496,"uptime_seconds":864000},
            "gpus":{"index":[0,3],"state":["ok","stale"],"utilization_percent":[85,84],"throttle_reasons":[4,5],
            "uncorrected_errors":[1,0],"processes":[[{"pid":4711,"memory_used_bytes":1}],null]},
            "failures":[{"collector":"host_disk","reason":"denied"}],
            "cost":{"cpu_percent":0.41,"resident_bytes":18874368,"collect_us":2150},
            "detail":{"core_percents":[45.5],"disks":[{"name":"a","read_bytes":1,"written_bytes":2}]}}
            """
        var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
        let isSample = text.withUTF8Buffer {
            try? AgentCodec.decodeSample(UnsafeRawBufferPointer($0), into: &sample)
        }
        precondition(isSample == true, "the sample to begin with is one")
        return sample
    }()

    /// The message as far as the wire carries it.
    private static func rounded(_ message: AgentMessage) -> AgentMessage {
        if case .sample = message { return .goodbye(reason: "") }
        return message
    }
}

/// What `decode` answers; `nil` where it refuses the message.
func taken<Value>(_ decode: () throws -> Value) throws -> Value? {
    do {
        return try decode()
    } catch let error as WireError {
        try require(!error.refusal.message.isEmpty, "a refusal without a word")
        // The refusal goes back to the sender, whose words may be in it.
        try requireJSON(written { NativeCodec.encode(.error(error.refusal, retryMilliseconds: nil), into: &$0) })
        return nil
    }
}

/// What `write` appends.
func written(_ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
    var buffer = ByteBuffer()
    write(&buffer)
    return buffer
}

/// Fails unless the buffer is one JSON value.
func requireJSON(_ buffer: ByteBuffer) throws(FuzzFinding) {
    let isValid = buffer.withBytes { bytes in
        var reader = JSONReader(bytes)
        return (try? reader.skipValue()) != nil && (try? reader.finish()) != nil
    }
    try require(isValid, "no JSON: \(buffer.text)")
}
