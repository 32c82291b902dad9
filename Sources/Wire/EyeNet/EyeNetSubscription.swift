public import Grid

/// What an EyeNet client subscribes to: `{type: "device" | "topic", id}` (EVENTS 30).
public enum EyeNetSubscription: Hashable, Sendable {
    case device(NodeID)
    /// An identifier that no node can have: allowed like that of a device which is not there yet, and never answered.
    case nobody(String)
    case topic(EyeNetTopic)

    static let devicePrefix = "device:"
    static let topicPrefix = "topic:"

    /// Of a device, as its client names it.
    init(device text: String) { self = NodeID(text).map { .device($0) } ?? .nobody(text) }

    /// The `channel` of acknowledgements.
    public var channel: String {
        switch self {
        case .device(let node): "\(Self.devicePrefix)\(node)"
        case .nobody(let text): Self.devicePrefix + text
        case .topic(let topic): Self.topicPrefix + topic.rawValue
        }
    }

    /// The rooms of the Hub where its events are; none where there can be no event. No other subscription has one of
    /// them.
    public var rooms: [Room] {
        switch self {
        case .device(let node):
            [
                .nodeTopics(node, Self.deviceTopics), .aboutNode(node, in: .alerts),
                .aboutNode(node, in: .predictions),
            ]
        case .nobody: []
        case .topic(.devices): [.topics(Self.deviceTopics, of: .nodes)]
        case .topic(.alerts): [.base(.alerts)]
        case .topic(.topology): [.base(.topology)]
        case .topic(.ml): [.base(.predictions)]
        }
    }

    private static let deviceTopics: EventTopics = [.statuses, .readings, .conditions]
}

/// The topics that there are; the raw value is the `id`.
public enum EyeNetTopic: String, Hashable, Sendable, CaseIterable {
    /// Every device's status and metrics.
    case devices
    case alerts
    case topology
    /// Predictions.
    case ml
}
