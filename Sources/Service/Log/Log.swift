internal import Bytes
internal import Synchronization

/// Writes one line an event, from any thread.
///
/// What comes from outside cannot forge a line: newlines, terminal escapes and invisible characters are written as
/// escapes, and everything is cut at a bound. Secrets do not belong here: wrap them in ``Secret`` where they are read,
/// and pass request targets through ``redactingQueryTokens(_:)``.
///
/// ```swift
/// log.info("agent connected", ["node": LogValue(node), "samples": 12])
/// ```
public final class Log: Sendable {
    /// How lines are written to a stream.
    public let format: LogFormat
    /// Where lines go.
    public let destination: LogDestination
    /// The program's name in the journal.
    public let program: String
    private let threshold: Atomic<UInt8>
    private let dropped = Atomic<Int>(0)
    private let isObserved = Atomic<Bool>(false)
    private let observer = Mutex<(@Sendable (ObservedLine) -> Void)?>(nil)
    /// The block that lines are made in; its lock keeps lines whole.
    private let scratch = Mutex(ByteBuffer())

    /// A log for `program`.
    public init(
        program: String, level: LogLevel = .info, format: LogFormat = .text,
        destination: LogDestination = .standardError
    ) {
        self.program = program
        self.format = format
        self.destination = destination
        threshold = Atomic(level.rawValue)
    }

    /// The least important level that is written; it may be changed at any time.
    public var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .debug }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Shows every line that is written from now on to `observe` too, on the thread that writes it. Whoever observes
    /// must not write a line of its own.
    public func setObserver(_ observe: @escaping @Sendable (ObservedLine) -> Void) {
        observer.withLock { $0 = observe }
        isObserved.store(true, ordering: .releasing)
    }

    /// Lines lost because the stream would not take them.
    public var droppedLineCount: Int { dropped.load(ordering: .relaxed) }

    /// Logs that something is broken and stays so until somebody acts.
    public func error(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<StaticString, LogValue> = [:]
    ) { write(.error, message, fields) }

    /// Logs that something is wrong, but the service goes on.
    public func warn(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<StaticString, LogValue> = [:]
    ) { write(.warn, message, fields) }

    /// Logs what an operator wants to know.
    public func info(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<StaticString, LogValue> = [:]
    ) { write(.info, message, fields) }

    /// Logs what only a developer wants to know; costs nothing where it is not written.
    public func debug(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<StaticString, LogValue> = [:]
    ) { write(.debug, message, fields) }

    private func write(
        _ level: LogLevel, _ message: () -> String, _ fields: () -> KeyValuePairs<StaticString, LogValue>
    ) {
        guard level.rawValue <= threshold.load(ordering: .relaxed) else { return }
        let line = LogLine(
            level: level, wallMilliseconds: Timestamp.wallMilliseconds, message: message(), fields: fields())
        let isWritten =
            switch destination {
            case .descriptor(let descriptor): write(line, to: descriptor)
            case .journal: Journal.shared?.send(line.journalFields(program: program)) ?? writePrefixed(line)
            }
        if !isWritten { dropped.add(1, ordering: .relaxed) }
        guard isObserved.load(ordering: .acquiring), let observe = observer.withLock({ $0 }) else { return }
        observe(ObservedLine(line))
    }

    private func write(_ line: LogLine, to descriptor: Int32) -> Bool {
        scratch.withLock { buffer in
            buffer.removeAll(keepingCapacity: true)
            switch format {
            case .text: line.appendText(to: &buffer)
            case .json: line.appendJSON(to: &buffer)
            }
            return buffer.withBytes { writeAll($0, to: descriptor) }
        }
    }

    /// Without libsystemd the journal still reads standard error, and a priority in front of each line.
    private func writePrefixed(_ line: LogLine) -> Bool {
        scratch.withLock { buffer in
            buffer.removeAll(keepingCapacity: true)
            buffer.append("<\(line.level.priority)>")
            line.appendMessageAndFields(to: &buffer)
            buffer.append(UInt8(ascii: "\n"))
            return buffer.withBytes { writeAll($0, to: 2) }
        }
    }
}
