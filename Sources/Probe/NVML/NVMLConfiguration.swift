/// How the GPU readings are taken; the defaults are the product's.
public struct NVMLConfiguration: Sendable {
    /// What is started as the child: the agent's own executable, even when its file was replaced meanwhile.
    public var executable = "/proc/self/exe"
    /// The child's argv; the supervisor adds its own process id.
    public var arguments = ["neurogrid-agent", NVMLChild.subcommand]
    /// The child's environment as `NAME=value`; `nil` for the caller's own.
    public var environment: [String]?

    /// The time between two ticks. A reading older than this and ``graceNanoseconds`` is no longer believed.
    public var intervalNanoseconds: UInt64 = 1_000_000_000
    public var graceNanoseconds: UInt64 = 1_500_000_000
    /// A call open for this long makes its GPU stale.
    public var staleAfterNanoseconds: UInt64 = 1_000_000_000
    /// A call open for this long costs the child its life.
    public var callDeadlineNanoseconds: UInt64 = 1_500_000_000
    /// As above, for the calls that may wake sleeping hardware.
    public var startDeadlineNanoseconds: UInt64 = 20_000_000_000
    /// A GPU without an answer for this long has a hung driver.
    public var hungAfterNanoseconds: UInt64 = 10_000_000_000
    /// A child that is in no call and does not answer either is killed after this.
    public var stallNanoseconds: UInt64 = 5_000_000_000

    /// Between two readings of processes and fans.
    public var processesEveryNanoseconds: UInt64 = 10_000_000_000
    /// Between two readings of ECC counters.
    public var errorsEveryNanoseconds: UInt64 = 60_000_000_000
    /// Between two looks for a driver that is not there.
    public var absentRetryNanoseconds: UInt64 = 60_000_000_000
    /// The first wait before a hung GPU is tried again; doubles up to ``retryCapNanoseconds``.
    public var retryBaseNanoseconds: UInt64 = 5_000_000_000
    public var retryCapNanoseconds: UInt64 = 60_000_000_000
    /// The first wait before a child that ended without reason is started again; doubles up to the same cap.
    public var restartBaseNanoseconds: UInt64 = 250_000_000
    /// While a GPU is lost, the driver is opened anew this often, which is the only way to see it come back.
    public var reopenNanoseconds: UInt64 = 300_000_000_000

    /// Children that were let go and have not ended: beyond this many, no further one is started.
    static let maximumLeaving = 4

    public init() {}
}

/// Something that befell the GPU readings, for the log.
public struct NVMLNotice: Hashable, Sendable {
    /// Whether someone should look at it.
    public let isWarning: Bool
    public let message: String
    /// Notices kept for ``NVMLSupervisor/takeNotices()``; later ones are dropped.
    static let maximumKept = 64
}

/// Whether this machine has an NVIDIA driver.
public enum NVMLAvailability: Hashable, Sendable {
    /// The child has not told yet.
    case unknown
    case present
    /// No library or no driver: nothing is wrong.
    case absent(String)
    /// There is one, and it does not work.
    case failed(String)
}
