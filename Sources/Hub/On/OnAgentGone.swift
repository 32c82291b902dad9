internal import Grid

extension Hub {
    /// An agent's connection ended. With a goodbye the node is offline at once; without one it is silence, and
    /// the lease decides.
    mutating func onAgentGone(_ session: SessionID, goodbye: Bool, _ now: Now, _ effects: inout [Effect]) {
        guard let index = agents.remove(session), nodes.states[index].session == session else { return }
        nodes.states[index].session = nil
        nodes.states[index].window = AcknowledgementWindow()
        nodes.states[index].hasToldRuns = false
        if goodbye { nodes.states[index].presence = .stopped }
        refreshCapacity(of: index, now, &effects)
        if goodbye { tellTopology(.deviceRemoved, index, now, &effects) }
        // Its runs ended before it said so, or never will.
        if goodbye || PlantedBug.isActive(.disconnectLosesTasks) { loseTasks(of: index, .agentStopped, now, &effects) }
    }
}
