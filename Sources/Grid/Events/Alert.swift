/// An alert: something that somebody should look at, until it is resolved.
public struct AlertID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var uuid: UUID128
    public init(_ uuid: UUID128) { self.uuid = uuid }
    /// Parses the canonical text form; `nil` for anything else.
    public init?(_ text: String) {
        guard let uuid = UUID128(text) else { return nil }
        self.uuid = uuid
    }
    public var description: String { uuid.description }
    public static func < (left: AlertID, right: AlertID) -> Bool { left.uuid < right.uuid }
}

/// A place in the list of alerts, which is in the order in which they were raised.
public struct AlertCursor: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var raisedAt: Timestamp
    public var id: AlertID

    public init(_ alert: Alert) {
        raisedAt = alert.raised.at
        id = alert.id
    }

    /// Parses ``description``; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let id = AlertID(String(parts[1])) else {
            return nil
        }
        raisedAt = Timestamp(milliseconds: milliseconds)
        self.id = id
    }

    /// Milliseconds since 1970 and the identifier, with a dot between them.
    public var description: String { "\(raisedAt.milliseconds).\(id)" }

    public static func < (left: AlertCursor, right: AlertCursor) -> Bool {
        left.raisedAt == right.raisedAt ? left.id < right.id : left.raisedAt.milliseconds < right.raisedAt.milliseconds
    }
}

/// How soon somebody should look. The raw value is the name on the wire.
public enum AlertSeverity: String, Hashable, Sendable, CaseIterable {
    case info, warning, critical

    /// The name on the wire.
    public var name: String { rawValue }
}

/// How far an alert has come; it only ever comes further. The raw value is the name on the wire.
public enum AlertStatus: String, Hashable, Sendable, CaseIterable {
    case new, acknowledged, resolved

    /// The name on the wire.
    public var name: String { rawValue }
}

/// What the coordinator itself raises alerts about. The raw value is the alert's kind on the wire; alerts that are
/// raised through REST cannot have it.
public enum AlertCause: String, Hashable, Sendable, CaseIterable, Comparable {
    /// A node's lease ended, and it has not come back.
    case nodeOffline = "node_offline"
    /// A node's health score is too low.
    case health
    case gpuTemperature = "gpu_temperature"
    /// A GPU's memory is nearly full.
    case gpuMemory = "gpu_memory"
    /// A GPU counts uncorrected memory errors.
    case gpuErrors = "gpu_errors"
    /// A node's memory is nearly full.
    case memory
    /// One of a node's file systems is nearly full.
    case disk

    public static func < (left: AlertCause, right: AlertCause) -> Bool { left.rawValue < right.rawValue }
}

/// A measured value and the one that it should not have passed, in thousandths of ``unit``.
public struct AlertReading: Hashable, Sendable {
    public var valueThousandths: Int64?
    public var thresholdThousandths: Int64?
    /// As `°C`, `%`, `s`; empty where it has none.
    public var unit: String

    public init(valueThousandths: Int64? = nil, thresholdThousandths: Int64? = nil, unit: String = "") {
        self.valueThousandths = valueThousandths
        self.thresholdThousandths = thresholdThousandths
        self.unit = unit
    }
}

/// What an alert says.
public struct AlertContent: Hashable, Sendable {
    public var severity: AlertSeverity
    /// What it is about: of one kind a node has at most one alert that is not resolved. `nil`: it stands for itself.
    /// At most ``Limits/alertKindBytes`` bytes.
    public var kind: String?
    /// The node (device, provider); `nil` where it is about none.
    public var node: NodeID?
    /// A sentence for people, 1 to ``Limits/alertMessageBytes`` bytes.
    public var message: String
    public var reading: AlertReading

    public init(
        severity: AlertSeverity = .warning, kind: String? = nil, node: NodeID? = nil, message: String,
        reading: AlertReading = AlertReading()
    ) {
        self.severity = severity
        self.kind = kind
        self.node = node
        self.message = message
        self.reading = reading
    }

    /// Whether every text is there and none is longer than it may be.
    public var isWithinLimits: Bool {
        (1...Limits.alertMessageBytes).contains(message.utf8.count)
            && (kind.map { (1...Limits.alertKindBytes).contains($0.utf8.count) } ?? true)
            && reading.unit.utf8.count <= Limits.alertUnitBytes
    }
}

/// Who brought an alert further, and when.
public struct AlertStep: Hashable, Sendable {
    /// `nil`: the coordinator did, by itself.
    public var user: UserID?
    public var at: Timestamp

    public init(user: UserID?, at: Timestamp) {
        self.user = user
        self.at = at
    }
}

/// An alert as it stands.
public struct Alert: Hashable, Sendable {
    public var id: AlertID
    public var content: AlertContent
    public var status: AlertStatus = .new
    /// Who raised it, when.
    public var raised: AlertStep
    public var acknowledged: AlertStep?
    public var resolved: AlertStep?
    /// What the user who raised it named the request, so that repeating it raises nothing; kept, not told.
    public var requestKey: String?

    public init(id: AlertID, content: AlertContent, raised: AlertStep, requestKey: String? = nil) {
        self.id = id
        self.content = content
        self.raised = raised
        self.requestKey = requestKey
    }

    /// The last step: of being raised, acknowledged or resolved.
    public var updated: AlertStep { resolved ?? acknowledged ?? raised }

    public var isOpen: Bool { status != .resolved }
}
