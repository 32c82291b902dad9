public import Bytes
public import Grid

/// The agent link: JSON text frames, each one object `{"type": …}`, keys in any order, unknown keys ignored
/// (docs/protocol-agent.md).
///
/// Decoding throws a ``WireError`` that names the field at fault: `INVALID_MESSAGE` for what is not JSON, lacks a
/// field, or has a value of a wrong type or out of range, `UNKNOWN_TYPE` for a type that the receiver does not take.
public enum AgentCodec {
    /// The version of the link that this code speaks; the subprotocol carries the same number.
    public static let protocolVersion = 1
    /// The WebSocket subprotocol of the link.
    public static let subprotocol = "neurogrid.agent.v1"

    // MARK: What the coordinator hears

    /// Reads one frame of an agent.
    public static func decodeAgentMessage(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> AgentMessage {
        let type = try MessageType.find(bytes)
        switch type {
        case "sample":
            var sample = NodeSample(sequence: 1, takenAt: Timestamp(milliseconds: 0), intervalMilliseconds: 0)
            _ = try SampleDecoder.decode(bytes, into: &sample)
            return .sample(sample)
        case "hello": return .hello(try HelloDecoder.decode(bytes))
        case "proof": return .proof(try AgentDecoder.proof(bytes))
        case "inventory": return .inventory(try HelloDecoder.inventory(bytes))
        case "goodbye": return .goodbye(reason: try AgentDecoder.reason(bytes))
        case "runs": return .runs(try TaskReportDecoder.runs(bytes))
        case "started": return .report(try TaskReportDecoder.started(bytes))
        case "progress": return .report(try TaskReportDecoder.progress(bytes))
        case "log": return .report(try TaskReportDecoder.log(bytes))
        case "result": return .report(try TaskReportDecoder.result(bytes))
        default: throw MessageType.unknown(type)
        }
    }

    /// Reads one frame of an agent into `sample` if it is a sample: the hot path of ingest.
    ///
    /// The list of GPUs keeps its room from sample to sample as long as nobody else holds it.
    ///
    /// - Returns: `false`, with `sample` untouched, for a frame of another type: see ``decodeAgentMessage(_:)``.
    /// - Throws: a ``WireError``; `sample` is of no use then.
    public static func decodeSample(
        _ bytes: UnsafeRawBufferPointer, into sample: inout NodeSample
    ) throws(WireError) -> Bool {
        try SampleDecoder.decode(bytes, into: &sample)
    }

    // MARK: What the agent hears

    /// Reads one frame of a coordinator.
    public static func decodeCoordinatorMessage(
        _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> CoordinatorMessage {
        let type = try MessageType.find(bytes)
        switch type {
        case "ack": return .ack(sequence: try AgentDecoder.ack(bytes))
        case "challenge": return .challenge(try AgentDecoder.challenge(bytes))
        case "welcome": return .welcome(try AgentDecoder.welcome(bytes))
        case "advice": return .advice(intervalMilliseconds: try AgentDecoder.advice(bytes))
        case "refused": return try AgentDecoder.refused(bytes)
        case "goodbye": return .goodbye(reason: try AgentDecoder.reason(bytes))
        case "assign": return .order(try TaskOrderDecoder.assign(bytes))
        case "cancel": return .order(try TaskOrderDecoder.cancel(bytes))
        case "stop": return .order(try TaskOrderDecoder.stop(bytes))
        case "settled": return .order(try TaskOrderDecoder.settled(bytes))
        default: throw MessageType.unknown(type)
        }
    }

    // MARK: What either says

    /// Appends the frame's text for `message`.
    public static func encode(_ message: AgentMessage, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            switch message {
            case .hello(let hello): AgentEncoder.write(hello, to: &writer)
            case .proof(let proof): AgentEncoder.write(proof, to: &writer)
            case .inventory(let specifications): AgentEncoder.write(inventory: specifications, to: &writer)
            case .sample(let sample): SampleEncoder.write(sample, to: &writer)
            case .runs(let runs): TaskEncoder.write(runs, to: &writer)
            case .report(let report): TaskEncoder.write(report, to: &writer)
            case .goodbye(let reason): AgentEncoder.write(goodbye: reason, to: &writer)
            }
        }
    }

    /// Appends the frame's text for `sample`, without making a message of it.
    public static func encode(_ sample: NodeSample, into buffer: inout ByteBuffer) {
        buffer.appendJSON { SampleEncoder.write(sample, to: &$0) }
    }

    /// Appends the frame's text for `message`.
    public static func encode(_ message: CoordinatorMessage, into buffer: inout ByteBuffer) {
        buffer.appendJSON { writer in
            switch message {
            case .challenge(let challenge): AgentEncoder.write(challenge, to: &writer)
            case .welcome(let welcome): AgentEncoder.write(welcome, to: &writer)
            case .ack(let sequence): AgentEncoder.write(ack: sequence, to: &writer)
            case .advice(let interval): AgentEncoder.write(adviceMilliseconds: interval, to: &writer)
            case .refused(let code, let message): AgentEncoder.write(refused: code, message, to: &writer)
            case .order(let order): TaskEncoder.write(order, to: &writer)
            case .goodbye(let reason): AgentEncoder.write(goodbye: reason, to: &writer)
            }
        }
    }
}
