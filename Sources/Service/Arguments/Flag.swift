/// A flag of a command: `--name value`, `--name=value`, or `--name` alone where it is a ``ValueKind/bool``.
public struct Flag: Sendable, Hashable {
    /// The name without its two hyphens.
    public let name: String
    /// What it may hold.
    public let kind: ValueKind
    /// What stands for the value in help texts, such as `DIR`.
    public let placeholder: String
    /// What it does, in a few words.
    public let meaning: String
    /// The value where it is not given, as help texts show it; the caller applies it.
    public let defaultText: String?
    /// Whether the command refuses to run without it.
    public let isRequired: Bool
    /// Whether it may be given more than once; else the second is an error.
    public let isRepeatable: Bool

    /// Declares a flag.
    public init(
        _ name: String, _ kind: ValueKind, placeholder: String = "VALUE", meaning: String, defaultText: String? = nil,
        isRequired: Bool = false, isRepeatable: Bool = false
    ) {
        precondition(!name.isEmpty && !name.hasPrefix("-") && !name.contains("="), "a flag is named without hyphens")
        self.name = name
        self.kind = kind
        self.placeholder = placeholder
        self.meaning = meaning
        self.defaultText = defaultText
        self.isRequired = isRequired
        self.isRepeatable = isRepeatable
    }

    /// As it stands in a help text: `--listen ADDRESS`.
    var notation: String { kind == .bool ? "--\(name)" : "--\(name) \(placeholder)" }
}

/// A word of a command that is not a flag, such as the ID in `node ID`.
public struct Positional: Sendable, Hashable {
    /// The name, in capitals, as in help texts.
    public let name: String
    /// What it may hold.
    public let kind: ValueKind
    /// What it means, in a few words.
    public let meaning: String
    /// Whether the command refuses to run without it.
    public let isRequired: Bool
    /// Whether it takes all words that are left; only the last may.
    public let takesRest: Bool

    /// Declares a positional word.
    public init(
        _ name: String, _ kind: ValueKind = .text(), meaning: String, isRequired: Bool = true, takesRest: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.meaning = meaning
        self.isRequired = isRequired
        self.takesRest = takesRest
    }

    /// As it stands in a usage line: `ID`, `[ID]`, `WORD...`.
    var notation: String {
        let many = takesRest ? name + "..." : name
        return isRequired ? many : "[\(many)]"
    }
}
