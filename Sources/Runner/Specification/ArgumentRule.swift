public import Grid

/// Which characters a text may have. There is no pattern language: what is allowed can be read at a glance.
public enum ArgumentCharacters: String, Hashable, Sendable, CaseIterable {
    /// Any but NUL.
    case any
    /// Any but control characters.
    case printable
    /// ASCII letters and digits, `_`, `-` and `.`.
    case word
    /// ASCII digits.
    case digits

    func allow(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .any: return scalar.value != 0
        case .printable: return scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        case .word:
            return scalar.isASCII && (scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value))
                || scalar == "_" || scalar == "-" || scalar == "."
        case .digits: return (0x30...0x39).contains(scalar.value)
        }
    }
}

/// What a value for a placeholder may be.
public enum ArgumentKind: Hashable, Sendable {
    case integer(ClosedRange<Int64>)
    /// A text. One that begins with a hyphen would be taken for an option by most programs, so it needs its own leave.
    case text(maximumBytes: Int, ArgumentCharacters, mayBeginWithHyphen: Bool)
    case boolean
    /// One of these texts.
    case choice([String])
}

/// One named value that a runner takes.
public struct ArgumentRule: Hashable, Sendable {
    /// 1 to ``Limits/argumentNameBytes`` bytes of `a`–`z`, digits and `_`.
    public var name: String
    public var kind: ArgumentKind
    public var isRequired: Bool

    public init(_ name: String, _ kind: ArgumentKind, isRequired: Bool = true) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
    }

    /// Whether an argument may be called so.
    public static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= Limits.argumentNameBytes
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    /// The value as it stands in a command line.
    func text(of value: ArgumentValue) throws(RunFault) -> String {
        switch (kind, value) {
        case (.integer(let range), .integer(let number)):
            guard range.contains(number) else {
                throw refusal("\(number) is out of range, allowed is \(range.lowerBound) to \(range.upperBound)")
            }
            return String(number)
        case (.boolean, .boolean(let flag)): return flag ? "true" : "false"
        case (.choice(let texts), .text(let text)):
            // To String an accent is the same however it is written; to the kernel it is another file.
            guard texts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                throw refusal("is not one of \(texts.joined(separator: ", "))")
            }
            return text
        case (.text(let maximum, let characters, let mayBeginWithHyphen), .text(let text)):
            guard text.utf8.count <= min(maximum, Limits.argumentTextBytes) else {
                throw refusal("is longer than \(maximum) bytes")
            }
            guard !text.utf8.contains(0), text.unicodeScalars.allSatisfy(characters.allow) else {
                throw refusal("has a character that is not allowed (\(characters.rawValue))")
            }
            // A byte: a hyphen under an accent is another character, but an option nevertheless.
            guard mayBeginWithHyphen || text.utf8.first != UInt8(ascii: "-") else {
                throw refusal("begins with a hyphen")
            }
            return text
        case (.integer, _): throw refusal("is not a whole number")
        case (.boolean, _): throw refusal("is not true or false")
        case (.text, _), (.choice, _): throw refusal("is not a text")
        }
    }

    private func refusal(_ reason: String) -> RunFault { .rejected("argument \(name): \(reason)") }
}

/// Why a run cannot be started here.
public enum RunFault: Error, Hashable, Sendable {
    /// The order does not fit this agent's runners or devices.
    case rejected(String)
    /// It fits, but the machine would not do it.
    case spawn(String)

    /// As reports name it.
    public var fault: TaskFault {
        switch self {
        case .rejected: .rejected
        case .spawn: .spawn
        }
    }

    /// A sentence for people.
    public var message: String {
        switch self {
        case .rejected(let text), .spawn(let text): text
        }
    }
}
