extension Hub {
    /// The coordinator is about to stop: no agent and no enrolment is let in any more. Those who are in stay
    /// until the edge sends them away.
    mutating func onDrainStarted() { isDraining = true }
}
