internal import Grid

extension Hub {
    /// An agent said who it wants to be: it is challenged to prove it, or turned away. Nothing is kept; the proof
    /// is decided anew.
    mutating func onAgentHello(
        _ session: SessionID, _ greeting: AgentGreeting, _ now: Now, _ effects: inout [Effect]
    ) {
        if let refusal = outOfPlace(session) {
            return turnAway(session, greeting.node, refusal, now, &effects)
        }
        let admission = admission(
            node: greeting.node, tokenDigest: greeting.tokenDigest, publicKey: greeting.publicKey, at: now.wall)
        switch admission {
        case .known(let index), .enrols(let index, _):
            effects.append(.agentChallenge(session, node: nodes.records[index].id))
        case .refused(let refusal):
            turnAway(session, greeting.node, refusal, now, &effects)
        }
    }

    /// Why a session may not shake hands at this point; `nil` if it may.
    func outOfPlace(_ session: SessionID) -> Refusal? {
        if isDraining { return Refusal(.unavailable, "The coordinator is stopping") }
        if agents.isFenced(session) { return Refusal(.fenced, "A newer session of the node has taken over") }
        if agents.node(of: session) != nil { return Refusal(.outOfOrder, "The session is welcome already") }
        return nil
    }
}
