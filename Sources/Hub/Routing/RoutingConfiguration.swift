internal import Grid

/// What an operator may set about routing.
public struct RoutingConfiguration: Hashable, Sendable {
    /// A task that has waited so long goes before all that have not, whatever their priority, oldest first.
    public var starvationNanoseconds: UInt64 = 3600 * 1_000_000_000
    /// After so long half of a user's usage is forgotten.
    public var usageHalfLifeNanoseconds: UInt64 = 7 * 86_400 * 1_000_000_000
    /// A failed task's wait is drawn from 0 to this, doubled with each further attempt …
    public var retryBaseNanoseconds: UInt64 = 1_000_000_000
    /// … and never from more than this.
    public var retryCapNanoseconds: UInt64 = 300 * 1_000_000_000
    /// Attempts a task has, the first included.
    public var attempts = 5

    public init() {}
}
