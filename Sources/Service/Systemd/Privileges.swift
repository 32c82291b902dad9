internal import Glibc

/// What the process may do on this machine.
public enum Privileges {
    /// Logs a warning where the process runs as root and systemd, which would confine it, did not start it.
    public static func warnIfRootOutsideSystemd(_ log: Log, environment: Environment = .process) {
        guard isRootOutsideSystemd(effectiveUser: geteuid(), environment: environment) else { return }
        log.warn("running as root outside systemd, better run as a user of its own")
    }

    /// systemd gives every service an `INVOCATION_ID`.
    static func isRootOutsideSystemd(effectiveUser: UInt32, environment: Environment) -> Bool {
        effectiveUser == 0 && environment["INVOCATION_ID"] == nil
    }
}
