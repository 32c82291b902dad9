/// How much a notification matters to those who read it.
public enum NotificationLevel: String, Hashable, Sendable, CaseIterable {
    case info, warning, error, critical

    /// The name on the wire.
    public var name: String { rawValue }
}

/// What an administrator has to say to everybody.
public struct NotificationContent: Hashable, Sendable {
    public var level: NotificationLevel
    /// 1 to ``Limits/notificationTitleBytes`` bytes.
    public var title: String
    /// 1 to ``Limits/notificationMessageBytes`` bytes.
    public var message: String
    /// When that which is announced happens; `nil` where it has no time.
    public var scheduledTime: Timestamp?
    /// How long it is expected to last.
    public var estimatedDurationSeconds: UInt32?
    /// At most ``Limits/notificationServices``, each of 1 to ``Limits/notificationServiceBytes`` bytes.
    public var affectedServices: [String]

    public init(
        level: NotificationLevel = .info, title: String, message: String, scheduledTime: Timestamp? = nil,
        estimatedDurationSeconds: UInt32? = nil, affectedServices: [String] = []
    ) {
        self.level = level
        self.title = title
        self.message = message
        self.scheduledTime = scheduledTime
        self.estimatedDurationSeconds = estimatedDurationSeconds
        self.affectedServices = affectedServices
    }

    /// Whether every text is there and none is longer than it may be.
    public var isWithinLimits: Bool {
        (1...Limits.notificationTitleBytes).contains(title.utf8.count)
            && (1...Limits.notificationMessageBytes).contains(message.utf8.count)
            && affectedServices.count <= Limits.notificationServices
            && affectedServices.allSatisfy { (1...Limits.notificationServiceBytes).contains($0.utf8.count) }
    }
}

/// A notice to everybody, as it stands in the log of `general`.
public struct SystemNotification: Hashable, Sendable {
    public var id: UUID128
    public var content: NotificationContent
    /// The administrator who sent it; kept, not told.
    public var sender: UserID
    /// What the sender named the request, so that repeating it says nothing twice; kept, not told.
    public var requestKey: String?
    public var sentAt: Timestamp

    public init(
        id: UUID128, content: NotificationContent, sender: UserID, requestKey: String? = nil, sentAt: Timestamp
    ) {
        self.id = id
        self.content = content
        self.sender = sender
        self.requestKey = requestKey
        self.sentAt = sentAt
    }
}
