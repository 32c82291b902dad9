/// Kinds of events that a subscription can ask for apart, within one room: a bit each.
///
/// The native dialect asks for all that is logged. Others have subscriptions to less than a whole log.
public struct EventTopics: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A node exists from now on.
    public static let arrivals = EventTopics(rawValue: 1 << 0)
    /// A node's status changed.
    public static let statuses = EventTopics(rawValue: 1 << 1)
    /// A node's sample.
    public static let readings = EventTopics(rawValue: 1 << 2)
    /// What a node offers to the market changed. Not logged: it takes no offset, and nobody can resume across it.
    public static let listings = EventTopics(rawValue: 1 << 3)
    /// Everything else: its room is all that there is to ask for.
    public static let others = EventTopics(rawValue: 1 << 4)

    /// What operators did, as the log of `logs` has it.
    public static let actions = EventTopics(rawValue: 1 << 5)
    /// Clients that came and went, in the same log.
    public static let connections = EventTopics(rawValue: 1 << 6)

    /// A node's health crossed EyeNet's line. Not logged: it takes no offset, and nobody can resume across it.
    public static let conditions = EventTopics(rawValue: 1 << 7)
    /// A message to everybody in the room `channels`.
    public static let announcements = EventTopics(rawValue: 1 << 9)

    /// A message of one channel, in the room `channels`.
    public static func messages(of channel: EventChannel) -> EventTopics {
        EventTopics(rawValue: 1 << (10 + UInt16(channel.rawValue)))
    }

    private static let channels = EventTopics(EventChannel.allCases.map(messages))

    /// Whatever has a place in its room's log.
    public static let logged: EventTopics = [
        .arrivals, .statuses, .readings, .others, .actions, .connections, .announcements, .channels,
    ]

    /// The topics in it, one by one.
    public var each: [EventTopics] {
        (0..<UInt16(UInt16.bitWidth)).map { EventTopics(rawValue: 1 << $0) }.filter(contains)
    }
}

extension RoomEvent {
    /// The one topic that it belongs to.
    public var topic: EventTopics {
        switch self {
        case .nodeRegistered: .arrivals
        case .nodeStatus: .statuses
        case .nodeMetrics: .readings
        case .nodeListed: .listings
        case .channelMessage(let message): message.channel.map(EventTopics.messages) ?? .announcements
        case .nodeCondition: .conditions
        case .systemNotification, .taskUpdated, .taskAssigned, .taskProgressed, .balanceUpdated, .paymentConfirmed,
            .alertRaised, .alertUpdated, .predictionMade, .topologyChanged, .analyticsUpdated, .lineLogged:
            .others
        case .actionExecuted: .actions
        case .connectionChanged: .connections
        }
    }
}
