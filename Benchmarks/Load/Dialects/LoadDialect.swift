internal import Bytes
internal import Grid

/// What a subscriber of a run needs to know of it.
struct DialectCredentials {
    /// Of a user who may read nodes and owns the run's tasks.
    var token: String
    var apiKey: String
    var user: String
    /// Whose events are waited for; known once the agents are welcome.
    var node: NodeID?
}

/// The dialects as their clients speak them: in the words of the documents, without the coordinator's own codecs.
enum LoadDialect: String, CaseIterable {
    case native, qubix, neurograph, triggerx, eyenet

    /// One exchange: what is sent, if anything, and how the message begins that answers it. Others in between are let
    /// pass, an error is not.
    struct Step {
        var says: String?
        var awaits: String
    }

    /// What the agent does that a subscriber is to be told of.
    enum Trigger {
        case sample, progress, started, ended
    }

    func path(_ credentials: DialectCredentials) -> String {
        switch self {
        case .native: "/ws"
        case .qubix: "/qubix?token=\(credentials.token)"
        case .neurograph: "/ws?token=\(credentials.token)"
        case .triggerx: "/api/ws/tasks?api_key=\(credentials.apiKey)"
        case .eyenet: "/socket.io/?EIO=4&transport=websocket"
        }
    }

    /// From the WebSocket's opening to what the dialect's client takes for connected. QUBIX and TriggerX greet nobody.
    func greeting(_ credentials: DialectCredentials) -> [Step] {
        switch self {
        case .native:
            [
                Step(
                    says: #"{"type":"authenticate","data":{"token":"\#(credentials.token)"}}"#,
                    awaits: #"{"type":"auth_response""#),
                Step(says: nil, awaits: #"{"type":"connected""#),
            ]
        case .qubix, .triggerx: []
        case .neurograph: [Step(says: nil, awaits: #"{"type":"connected""#)]
        case .eyenet:
            [
                Step(says: nil, awaits: "0{"),
                Step(says: #"40{"token":"\#(credentials.token)"}"#, awaits: "40{"),
            ]
        }
    }

    /// The subscription to what the run's agent does.
    func subscription(_ credentials: DialectCredentials) -> Step {
        let node = credentials.node.map { "\($0)" } ?? ""
        return switch self {
        case .native:
            Step(
                says: #"{"type":"join_room","data":{"room":"node:\#(node)"}}"#, awaits: #"{"type":"room_joined""#)
        case .qubix:
            Step(
                says: #"{"type":"subscribe:provider","subscriptionId":"\#(node)"}"#,
                awaits: #"{"type":"subscribed""#)
        case .neurograph:
            Step(says: #"{"type":"subscribe","channels":["actions"]}"#, awaits: #"{"type":"subscribed""#)
        case .triggerx:
            Step(
                says: #"{"type":"SUBSCRIBE","data":{"room":"user:\#(credentials.user)"}}"#,
                awaits: #"{"type":"SUBSCRIBED""#)
        case .eyenet:
            Step(
                says: #"42["subscribe",{"type":"device","id":"\#(node)"}]"#, awaits: #"42["subscribed""#)
        }
    }

    /// Events are those of one node where the dialect has them. NeuroGraph's clients are told of nodes and tasks, but
    /// of no readings; TriggerX' of tasks alone.
    var trigger: Trigger {
        switch self {
        case .native, .qubix, .eyenet: .sample
        case .neurograph: .progress
        case .triggerx: .started
        }
    }

    /// Whether a message tells of the trigger, which is the dialect's own, or a task's end for TriggerX.
    @inline(__always)
    func isEvent(_ bytes: UnsafeRawBufferPointer, of trigger: Trigger) -> Bool {
        switch self {
        case .native: Self.starts(bytes, #"{"type":"node_metrics""#)
        case .qubix: Self.starts(bytes, #"{"type":"GPU_METRICS_UPDATE""#)
        case .neurograph:
            Self.starts(bytes, #"{"channel":"actions""#) && Self.contains(bytes, #""event_type":"task_progress""#)
        case .triggerx:
            Self.starts(bytes, #"{"type":"TASK_STATUS_CHANGED""#)
                && Self.contains(bytes, trigger == .ended ? #""status":"completed""# : #""status":"running""#)
        case .eyenet: Self.starts(bytes, #"42["device:metrics""#)
        }
    }

    /// A ping of the dialect's own, and what answers it.
    @inline(__always)
    func answer(toPing bytes: UnsafeRawBufferPointer) -> StaticString? {
        self == .eyenet && bytes.count == 1 && bytes[0] == UInt8(ascii: "2") ? "3" : nil
    }

    @inline(__always)
    private static func starts(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        bytes.count >= prefix.utf8CodeUnitCount
            && bytes.prefix(prefix.utf8CodeUnitCount)
                .elementsEqual(UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ part: StaticString) -> Bool {
        let count = part.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        let wanted = UnsafeBufferPointer(start: part.utf8Start, count: count)
        return (0...bytes.count - count).contains {
            bytes[$0] == wanted[0] && bytes[$0..<$0 + count].elementsEqual(wanted)
        }
    }
}
