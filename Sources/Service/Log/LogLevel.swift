/// How much a log line matters.
public enum LogLevel: UInt8, Sendable, Comparable, CaseIterable {
    /// Something is broken and stays so until somebody acts.
    case error
    /// Something is wrong, but the service goes on.
    case warn
    /// Something an operator wants to know happened.
    case info
    /// What only a developer wants to know.
    case debug

    /// The name on command lines and in JSON.
    public var name: String {
        switch self {
        case .error: "error"
        case .warn: "warn"
        case .info: "info"
        case .debug: "debug"
        }
    }

    /// The level of this name; `nil` if there is none.
    public init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// The priority of syslog and the journal.
    var priority: Int {
        switch self {
        case .error: 3
        case .warn: 4
        case .info: 6
        case .debug: 7
        }
    }

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// How a log line is written to a stream.
public enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-01-31T12:00:00.000Z INFO message key=value`.
    case text
    /// One JSON object a line.
    case json
}

/// Where log lines go.
public enum LogDestination: Sendable, Hashable {
    /// A stream that is open already; the log does not close it.
    case descriptor(Int32)
    /// The systemd journal, field by field.
    case journal

    /// The standard error stream.
    public static let standardError = LogDestination.descriptor(2)

    /// The journal where systemd connected standard error to it, else standard error.
    ///
    /// An operator who asks for JSON gets it on standard error everywhere.
    public static func automatic(format: LogFormat, environment: Environment = .process) -> LogDestination {
        format == .text && JournalStream.isStandardError(environment: environment) ? .journal : .standardError
    }
}
