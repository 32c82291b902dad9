/// A command line that was understood: which command, and every flag and word with its checked value.
public struct Arguments: Sendable {
    /// The command's name; empty for a program without commands.
    public let command: String
    /// The values of the flags given, in order.
    private let flags: [String: [Value]]
    /// The values of the words given.
    private let positionals: [String: [Value]]
    /// The flags and words that may be asked for; others are our own spelling mistake.
    private let declared: Set<String>

    init(command: String, flags: [String: [Value]], positionals: [String: [Value]], declared: Set<String>) {
        self.command = command
        self.flags = flags
        self.positionals = positionals
        self.declared = declared
    }

    /// The value of a flag (without hyphens) or of a word (in capitals); `nil` if it was not given.
    public subscript(name: String) -> Value? {
        values(name).last
    }

    /// All values of a repeatable flag or of the word that takes the rest, in order.
    public func values(_ name: String) -> [Value] {
        precondition(declared.contains(name), "asked for the argument \(name), which is not declared")
        return flags[name] ?? positionals[name] ?? []
    }

    /// Whether a flag of the command is declared under this name.
    func declares(_ name: String) -> Bool { declared.contains(name) }

    /// Whether a boolean flag was given.
    public func isSet(_ name: String) -> Bool { self[name] == .bool(true) }

    /// The text given as a flag or word; `nil` if none was.
    public func text(_ name: String) -> String? {
        guard case .text(let text) = self[name] else { return nil }
        return text
    }

    /// The whole number given as a flag or word; `nil` if none was.
    public func integer(_ name: String) -> Int64? {
        guard case .integer(let value) = self[name] else { return nil }
        return value
    }

    /// The number given as a flag or word; `nil` if none was.
    public func number(_ name: String) -> Double? {
        guard case .number(let value) = self[name] else { return nil }
        return value
    }

    /// The length of time given as a flag or word, in nanoseconds; `nil` if none was.
    public func nanoseconds(_ name: String) -> UInt64? {
        guard case .duration(let value) = self[name] else { return nil }
        return value
    }

    /// The list given as a flag or word; `nil` if none was.
    public func list(_ name: String) -> [String]? {
        guard case .list(let values) = self[name] else { return nil }
        return values
    }

    /// The texts given as a repeatable flag or as the word that takes the rest.
    public func texts(_ name: String) -> [String] { values(name).map(\.text) }
}

/// Why a command line was not understood. The description is one line.
public enum ArgumentsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No command was named, or only the beginning of one; the commands that would fit.
    case missingCommand(after: String, choices: [String])
    /// No such command; a similar one, if there is any.
    case unknownCommand(String, similar: String?)
    /// No such flag (with its hyphens); a similar one, if there is any.
    case unknownFlag(String, similar: String?)
    /// A flag without its value.
    case missingValue(flag: String, placeholder: String)
    /// A value for a flag that takes none.
    case unexpectedValue(flag: String)
    /// A flag given twice that may be given once.
    case repeated(flag: String)
    /// A value that is not of its kind or out of range; `name` is the flag with hyphens or the word's name.
    case badValue(name: String, value: String, reason: String)
    /// A flag that the command needs.
    case missingFlag(String)
    /// A word that the command needs.
    case missingPositional(String)
    /// A word more than the command takes.
    case unexpectedPositional(String)

    public var description: String {
        switch self {
        case .missingCommand(let after, let choices):
            (after.isEmpty ? "a command is needed" : "\(after) needs a command") + ", one of "
                + choices.joined(separator: ", ")
        case .unknownCommand(let name, let similar): "unknown command \(PlainText.line(name))" + hint(similar)
        case .unknownFlag(let name, let similar): "unknown flag \(PlainText.line(name))" + hint(similar)
        case .missingValue(let flag, let placeholder): "--\(flag) needs a value: --\(flag) \(placeholder)"
        case .unexpectedValue(let flag): "--\(flag) takes no value"
        case .repeated(let flag): "--\(flag) is given twice"
        case .badValue(let name, let value, let reason): "\(name): \"\(PlainText.line(value))\" \(reason)"
        case .missingFlag(let flag): "--\(flag) is needed"
        case .missingPositional(let name): "\(name) is missing"
        case .unexpectedPositional(let word): "unexpected argument \(PlainText.line(word))"
        }
    }

    private func hint(_ similar: String?) -> String {
        similar.map { ", did you mean \($0)?" } ?? ", see --help"
    }
}
