/// What the coordinator thinks of a node's honesty; stored when it changes.
public struct NodeTrust: Hashable, Sendable {
    /// Why a node is kept out. The raw value is the name on the wire and on disk.
    public enum Quarantine: String, Hashable, Sendable, CaseIterable {
        /// One of its GPUs is another node's as well.
        case duplicateGPU = "duplicate_gpu"
        /// Its readings cannot be true.
        case implausibleMetrics = "implausible_metrics"
        /// It answered a challenge wrongly or too late, again and again.
        case challengeFailed = "challenge_failed"
        /// Its results differed from those of other nodes.
        case wrongResult = "wrong_result"
        /// An operator said so.
        case byOperator = "operator"
    }
    public var node: NodeID
    public var quarantine: Quarantine?
    /// For people; at most ``Limits/taskMessageBytes`` bytes.
    public var detail = ""
    public var since: Timestamp?
    /// Results in a row that were found to be right.
    public var verifiedResults: UInt32 = 0
    public var failedChallenges: UInt32 = 0
    public init(node: NodeID) { self.node = node }
}
