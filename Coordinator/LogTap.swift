internal import Grid
internal import Hub
internal import Reactor
internal import Service
internal import Synchronization

/// Brings lines of the coordinator's log to the Hub while somebody looks at the room `logs`.
///
/// Nothing on a line's way to its readers writes a line, so no line is about itself. Should what lines cause (a reader
/// that is too slow and is sent away) ever write others, the bound on lines a second ends it.
final class LogTap: Sendable {
    private struct Rate {
        var second: Int64 = 0
        var count = 0
    }

    /// Lines a second that are brought; what is too much is in the log all the same.
    static let linesPerSecond = 200

    private let isOpen = Atomic<Bool>(false)
    private let rate = Guarded(Rate())
    private let mailbox: Mailbox<HubMessage>

    /// - Parameter mailbox: the Hub's.
    init(mailbox: Mailbox<HubMessage>) { self.mailbox = mailbox }

    /// Whether lines are wanted from now on.
    func set(open: Bool) { isOpen.store(open, ordering: .relaxed) }

    /// Takes a line, on the thread that wrote it. One for which the Hub has no room is let go.
    func take(_ line: ObservedLine) {
        guard isOpen.load(ordering: .relaxed), admit(line.wallMilliseconds / 1000) else { return }
        let told = LogLine(
            level: Self.level(line.level), message: line.message,
            fields: line.fields.map { LogField($0.name, $0.value) },
            at: Timestamp(milliseconds: line.wallMilliseconds))
        mailbox.post(.events([.linesLogged([told])]))
    }

    private func admit(_ second: Int64) -> Bool {
        rate.withLock { rate in
            if rate.second != second { rate = Rate(second: second) }
            rate.count += 1
            return rate.count <= Self.linesPerSecond
        }
    }

    private static func level(_ level: LogLevel) -> LogLine.Level {
        switch level {
        case .error: .error
        case .warn: .warning
        case .info: .info
        case .debug: .debug
        }
    }
}
