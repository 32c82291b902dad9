internal import Glibc

/// Tells systemd how the service is: ready, reloading, stopping, alive.
///
/// Started by anything else, or where libsystemd is not installed, every call does nothing.
public struct Supervisor: Sendable {
    private typealias Notify = @convention(c) (Int32, UnsafePointer<CChar>) -> Int32
    private typealias WatchdogEnabled = @convention(c) (Int32, UnsafeMutablePointer<UInt64>) -> Int32
    private let notify: Notify?

    /// How often ``alive()`` must be called at the latest, in nanoseconds: half of the watchdog's patience.
    ///
    /// `nil` where there is no watchdog.
    public let watchdogIntervalNanoseconds: UInt64?

    /// Reads what systemd left in the process's environment.
    public init() {
        self.init(library: Environment.process["NOTIFY_SOCKET"] == nil ? nil : .shared)
    }

    init(library: SystemdLibrary?) {
        notify = library?.function("sd_notify", as: Notify.self)
        var microseconds: UInt64 = 0
        let enabled = library?.function("sd_watchdog_enabled", as: WatchdogEnabled.self)
        let isWatched = notify != nil && (enabled?(0, &microseconds) ?? 0) > 0 && microseconds > 0
        // A patience of centuries would overflow; it is as good as none.
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 500)
        watchdogIntervalNanoseconds = isWatched && !overflow ? nanoseconds : nil
    }

    /// Whether there is somebody to tell.
    public var isPresent: Bool { notify != nil }

    /// The service takes connections. For `Type=notify` this ends the start.
    public func ready(status: String? = nil) {
        send("READY=1" + Self.statusLine(status))
    }

    /// The service re-reads its configuration; ``ready(status:)`` must follow.
    public func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    /// The service drains and will end.
    public func stopping(status: String? = nil) {
        send("STOPPING=1" + Self.statusLine(status))
    }

    /// One line for `systemctl status`.
    public func status(_ text: String) {
        send(String(Self.statusLine(text).dropFirst()))
    }

    /// The service is alive; see ``watchdogIntervalNanoseconds``.
    public func alive() {
        send("WATCHDOG=1")
    }

    /// The status as a further line; newlines in it would end it and begin another assignment.
    private static func statusLine(_ status: String?) -> String {
        status.map { "\nSTATUS=" + PlainText.line($0) } ?? ""
    }

    private func send(_ state: String) {
        guard let notify else { return }
        // Nothing can be done about a failure, and nothing needs to be: systemd's own timeouts notice.
        _ = notify(0, state)
    }
}
