internal import Grid

/// Who an agent is to us, decided alike at its hello and again at its proof: in between, another agent may
/// have used the same join token.
enum Admission: Hashable, Sendable {
    /// The node's own key: a session like any other.
    case known(Int)
    /// A valid join token: the key becomes the node's.
    case enrols(Int, Digest256)
    case refused(Refusal)
}

extension Hub {
    /// Of Ed25519.
    private static let publicKeyBytes = 32

    /// A node that already has this key is let in whatever token the agent still carries: its welcome may have
    /// got lost, or the token stands in its start command for ever. Otherwise the token decides, if there is one.
    func admission(node: NodeID?, tokenDigest: Digest256?, publicKey: [UInt8], at now: Timestamp) -> Admission {
        guard publicKey.count == Self.publicKeyBytes else {
            return .refused(Refusal(.invalidMessage, "A public key has \(Self.publicKeyBytes) bytes"))
        }
        if let node, let index = nodes.index(of: node), nodes.records[index].publicKey == publicKey {
            return .known(index)
        }
        guard let tokenDigest else {
            return node == nil
                ? .refused(Refusal(.invalidMessage, "A hello names a node or brings a join token"))
                : .refused(Refusal(.unknownNode, "No node of that identifier has this key"))
        }
        let refusal: Refusal
        let named: NodeID
        switch enrolments.standing(of: tokenDigest, at: now) {
        case .valid(let node):
            guard let index = nodes.index(of: node) else {
                return .refused(Refusal(.unknownNode, "The join token's node is gone"))
            }
            return .enrols(index, tokenDigest)
        case .unknown: return .refused(Refusal(.enrolmentUnknown, "The join token is unknown"))
        case .used(let node):
            (named, refusal) = (node, Refusal(.enrolmentUsed, "The join token was used already"))
        case .expired(let node):
            (named, refusal) = (node, Refusal(.enrolmentExpired, "The join token has expired"))
        }
        if let index = nodes.index(of: named), nodes.records[index].publicKey == publicKey { return .known(index) }
        return .refused(refusal)
    }

    /// Turns an agent away, with a line in the log. Not stored: whoever knocks could fill the disk.
    func turnAway(
        _ session: SessionID, _ node: NodeID?, _ refusal: Refusal, _ now: Now, _ effects: inout [Effect]
    ) {
        effects.append(.agentRefused(session, refusal))
        effects.append(
            .audit(AuditEntry(at: now.wall, kind: .agentRefused, node: node, detail: refusal.code.rawValue)))
    }

    /// Notes what an operator may have to account for: stored with the decision, and a line in the log. What somebody
    /// did is told to those who look on.
    mutating func account(_ entry: AuditEntry, _ now: Now, _ effects: inout [Effect]) {
        effects.append(.persist(.audit(entry)))
        effects.append(.audit(entry))
        guard entry.kind.isAction else { return }
        var facts = facts(about: entry.node)
        facts.owner = entry.user
        rooms.publish(.actionExecuted(ActionExecuted(entry)), facts, now, &effects)
    }
}
