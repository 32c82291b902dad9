/// One durable change. The changes of one `apply` are one transaction: all of them survive a crash, or none.
///
/// A record replaces the one with the same key, so a change applied twice is the same as once. Audit lines and events
/// are appended.
public enum StoreChange: Hashable, Sendable {
    /// The whole node, replacing the one with its identifier. Its owner becomes a known user.
    case node(NodeRecord)
    /// The whole enrolment, replacing the one with its digest. Its node must be stored already or stand
    /// in the same transaction.
    case enrolment(EnrolmentRecord)
    /// The whole user, replacing the one with that identifier.
    case user(UserRecord)
    /// Tokens taken back; a later word on the same subject replaces it.
    case revocation(Revocation)
    /// A line appended to the audit log, never changed again.
    case audit(AuditEntry)
    /// An event appended to its durable room's log. Its offset follows the last one's.
    case event(LoggedEvent)
    /// The events of a durable room up to and including this offset are let go.
    case eventsTrimmed(BaseRoom, through: UInt64)
    /// The log of a durable room goes on under this epoch.
    case epochBegan(BaseRoom, epoch: UInt64)
    /// Whether events of that durable room may from now on be told before they are stored. Where a start finds that
    /// they might, the one before has not ended in order.
    case toldEarly(BaseRoom, Bool)
    /// The whole task, replacing the one with its identifier. Its job must be stored already or stand in the same
    /// transaction.
    indirect case task(TaskRecord)
    /// An ended task is let go; its job too, if it was the last one.
    case taskForgotten(TaskID)
    /// The whole job, replacing the one with its identifier.
    case job(JobRecord)
    /// A transfer appended to the ledger, never changed again. Its number follows the last one's; the hash chain is
    /// the Store's own.
    indirect case transfer(LedgerTransfer)
    /// What is thought of a node, replacing what was thought before.
    case trust(NodeTrust)
    /// The whole API key, replacing the one with its identifier.
    indirect case apiKey(APIKeyRecord)
    /// An API key that was taken back is let go.
    case apiKeyForgotten(APIKeyID)
    /// The whole alert, replacing the one with its identifier.
    indirect case alert(Alert)
    /// A resolved alert is let go.
    case alertForgotten(AlertID)
}

/// A user the coordinator has heard of: an owner of nodes or the subject of a token it minted.
public struct UserRecord: Hashable, Sendable {
    public var id: UserID
    public var createdAt: Timestamp
    public init(id: UserID, createdAt: Timestamp) {
        self.id = id
        self.createdAt = createdAt
    }
}

/// Something that an operator may have to account for: who did what to which node, and when.
public struct AuditEntry: Hashable, Sendable {
    /// The closed list of what is audited; the raw value is stored and logged.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A join token was minted for a new node.
        case enrolmentRequested = "enrolment_requested"
        /// A join token was exchanged for an agent's key.
        case enrolmentUsed = "enrolment_used"
        /// An agent was turned away; the detail names the refusal.
        case agentRefused = "agent_refused"
        /// A newer session of the same node took over from an older one.
        case agentFenced = "agent_fenced"
        /// An operator minted a token for a user.
        case tokenMinted = "token_minted"
        /// An administrator sent a notification; the detail is its identifier.
        case notificationSent = "notification_sent"
        /// An operator took tokens back.
        case tokensRevoked = "tokens_revoked"
        /// An operator made an API key for a user, or took one back; the detail has its identifier and name.
        case apiKeyCreated = "api_key_created"
        case apiKeyRevoked = "api_key_revoked"
        /// An operator added to a user's balance; the detail has amount and transfer.
        case deposited
        /// A node was kept out, or let in again; the detail names the reason.
        case nodeQuarantined = "node_quarantined"
        case nodeReleased = "node_released"
        /// An operator drains a node, or no longer does.
        case nodeDrained = "node_drained"
        /// Somebody raised an alert, acknowledged or resolved one; the detail is its identifier.
        case alertRaised = "alert_raised"
        case alertAcknowledged = "alert_acknowledged"
        case alertResolved = "alert_resolved"
        /// Somebody told of a prediction; the detail is its identifier.
        case predictionMade = "prediction_made"

        /// Whether somebody with the right to do so did it, rather than an agent or whoever knocked.
        public var isAction: Bool {
            switch self {
            case .enrolmentUsed, .agentRefused, .agentFenced: false
            case .enrolmentRequested, .tokenMinted, .notificationSent, .tokensRevoked, .apiKeyCreated, .apiKeyRevoked,
                .deposited, .nodeQuarantined, .nodeReleased, .nodeDrained, .alertRaised, .alertAcknowledged,
                .alertResolved, .predictionMade:
                true
            }
        }
    }
    public var at: Timestamp
    public var kind: Kind
    public var node: NodeID?
    public var user: UserID?
    /// A sentence for people; never a secret.
    public var detail: String
    public init(at: Timestamp, kind: Kind, node: NodeID? = nil, user: UserID? = nil, detail: String = "") {
        self.at = at
        self.kind = kind
        self.node = node
        self.user = user
        self.detail = detail
    }
}
