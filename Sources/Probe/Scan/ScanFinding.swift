/// The state of a machine as one scan saw it, and the exit status that says so.
public enum ScanVerdict: Int, Hashable, Sendable, Comparable {
    case healthy = 0
    /// It works, and someone should look at it.
    case degraded = 1
    /// It should not be given work.
    case unhealthy = 2

    /// 0, 1 or 2.
    public var exitStatus: Int32 { Int32(rawValue) }

    /// The word for people and programs.
    public var name: String {
        switch self {
        case .healthy: "healthy"
        case .degraded: "degraded"
        case .unhealthy: "unhealthy"
        }
    }

    public static func < (left: ScanVerdict, right: ScanVerdict) -> Bool { left.rawValue < right.rawValue }
}

/// One thing a scan noticed.
public struct ScanFinding: Hashable, Sendable {
    /// What it makes of the machine by itself; a `healthy` one is only worth knowing.
    public var verdict: ScanVerdict
    /// A stable word for programs, as `gpu_lost`.
    public var code: String
    /// A sentence for people.
    public var message: String

    init(_ verdict: ScanVerdict, _ code: String, _ message: String) {
        self.verdict = verdict
        self.code = code
        self.message = message
    }
}
