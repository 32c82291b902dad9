/// Faults that can be planted, to see whether the simulator finds them: a test of the test.
///
/// Only a build with `-DPLANTED_BUGS` can have one, and it has at most one, chosen at its start. In every other build
/// ``isActive(_:)`` is the constant `false`, and the compiler leaves out whatever hangs on it.
public enum PlantedBug: String, CaseIterable, Sendable {
    // Durability
    /// A submission is answered before it is stored.
    case answerBeforeCommit
    /// An event is told before it is stored.
    case eventBeforeCommit
    /// A result that an agent still has is said to be dealt with, and is not.
    case settledWithoutCounting
    /// After a restart nobody knows which requests were made under which key.
    case keyForgotten
    case depositKeyForgotten
    /// After a restart tasks that wait are not in line.
    case waitingForgotten
    // Fencing
    case staleEpochCounts
    case foreignNodeCounts
    case fencedSessionCounts
    /// An assignment goes under the epoch of the one before.
    case epochNotRaised
    // Leases
    /// After a restart leases are taken to have ended already.
    case leaseLapsedAtRestart
    /// A broken connection is taken for the end of its runs.
    case disconnectLosesTasks
    // Devices
    /// What a run holds is given away when it is told to end, before it has.
    case devicesFreedEarly
    /// A node gets tasks before it has told which runs it has.
    case nodeOpenBeforeItsRuns
    // Outcomes
    /// A gang is done when one member is.
    case gangDoneByOne
    case faultTakenForSuccess
    case attemptsUncounted
    case retryAtSameNode
    case quarantineIgnored
    // Telling
    case progressFalls
    case stepUntold
    case offsetSkipped
    // Money
    case holdKeptOnCancel
    case doubleSettle
    /// Only a gang's first member is paid for.
    case memberUnpaid

    /// Whether this one is planted and chosen.
    @inlinable
    public static func isActive(_ bug: PlantedBug) -> Bool {
        #if PLANTED_BUGS
            return chosen == bug
        #else
            return false
        #endif
    }

    #if PLANTED_BUGS
        /// Written once, before anything else happens.
        nonisolated(unsafe) public static var chosen: PlantedBug?
    #endif
}
