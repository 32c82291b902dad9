internal import Bytes

/// A line as it was written, for whoever observes a ``Log``. What it is made of is looked at only when asked for.
public struct ObservedLine {
    private let line: LogLine

    init(_ line: LogLine) { self.line = line }

    /// How much it matters.
    public var level: LogLevel { line.level }

    /// Milliseconds since 1970, UTC.
    public var wallMilliseconds: Int64 { line.wallMilliseconds }

    /// What happened, cut and made harmless as in the written line.
    public var message: String { Self.plain(line.message, limit: LogLine.messageBytes) }

    /// What it happened to, each cut and made harmless likewise.
    public var fields: [(name: String, value: String)] {
        line.fields.map { ("\($0.key)", Self.plain($0.value.plainText, limit: LogLine.valueBytes)) }
    }

    private static func plain(_ text: String, limit: Int) -> String {
        var buffer = ByteBuffer()
        PlainText.append(text, limit: limit, isQuoted: false, to: &buffer)
        return buffer.text
    }
}

extension LogValue {
    /// The value as people read it.
    fileprivate var plainText: String {
        switch self {
        case .text(let text): text
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .number(let value): "\(value)"
        case .bool(let value): "\(value)"
        }
    }
}
