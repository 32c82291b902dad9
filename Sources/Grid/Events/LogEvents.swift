/// A line of the coordinator's log.
public struct LogLine: Hashable, Sendable {
    /// How much it matters. The raw value is the name on the wire.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        case debug, info, warning, error

        /// The name on the wire.
        public var name: String { rawValue }
    }

    public var level: Level
    /// What happened, always in the same words.
    public var message: String
    /// What it happened to, as the log names it; never a secret.
    public var fields: [LogField]
    public var at: Timestamp

    public init(level: Level, message: String, fields: [LogField] = [], at: Timestamp) {
        self.level = level
        self.message = message
        self.fields = fields
        self.at = at
    }
}

/// One fact of a log line.
public struct LogField: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Somebody with the right to do so changed something: what the audit log keeps, for those who look on.
public struct ActionExecuted: Hashable, Sendable {
    public var kind: AuditEntry.Kind
    /// Whom it concerns: who did it, or whose token, key or balance it was done to; `nil` where nobody is known.
    public var user: UserID?
    /// The node that it was done to, where it was done to one.
    public var node: NodeID?
    /// A sentence for people; never a secret.
    public var detail: String
    public var at: Timestamp

    public init(_ entry: AuditEntry) {
        kind = entry.kind
        user = entry.user
        node = entry.node
        detail = entry.detail
        at = entry.at
    }
}

/// Who is at the other end of a client's connection, for those who look on.
public struct ClientFacts: Hashable, Sendable {
    /// The connection's identifier, as its client was told it.
    public var connection: UUID128
    /// The dialect's name in logs.
    public var dialect: String
    /// The peer's network address without its port, or a word where there is none.
    public var address: String

    public init(connection: UUID128, dialect: String, address: String = "") {
        self.connection = connection
        self.dialect = dialect
        self.address = address
    }
}

/// A client connected or is gone.
public struct ConnectionChanged: Hashable, Sendable {
    public var isOpen: Bool
    /// The connection's identifier, as its client was told it.
    public var connection: UUID128
    /// The dialect's name in logs.
    public var dialect: String
    /// `nil` where nobody authenticated.
    public var user: UserID?
    /// The peer's network address without its port, or a word where there is none.
    public var address: String
    /// Why it is gone; `nil` where it is not.
    public var reason: ConnectionEnding?
    public var at: Timestamp

    public init(
        isOpen: Bool, connection: UUID128, dialect: String, user: UserID?, address: String = "",
        reason: ConnectionEnding? = nil, at: Timestamp
    ) {
        self.isOpen = isOpen
        self.connection = connection
        self.dialect = dialect
        self.user = user
        self.address = address
        self.reason = reason
        self.at = at
    }
}
