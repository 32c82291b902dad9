/// One word of a command line with placeholders: `--steps={steps}`. `{{` and `}}` stand for the braces themselves.
///
/// A value never becomes more or fewer words than the one it stands in, and is not looked at for placeholders again.
public struct WordTemplate: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case literal(String)
        case placeholder(String)
    }

    private var parts: [Part] = []

    /// Why a word is no template.
    public struct Fault: Error, Hashable, Sendable {
        public var reason: String
    }

    public init(_ word: String) throws(Fault) {
        guard !word.utf8.contains(0) else { throw Fault(reason: "holds a NUL") }
        var rest = Substring(word)
        var literal = ""
        while let character = rest.popFirst() {
            switch character {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                rest.removeFirst()
                literal.append(character)
            case "{":
                guard let end = rest.firstIndex(of: "}") else { throw Fault(reason: "has a brace that is not closed") }
                let name = String(rest[..<end])
                guard ArgumentRule.isName(name) else {
                    throw Fault(reason: "has a placeholder {\(name)}, whose name is none of a-z, 0-9 and _")
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.placeholder(name))
                rest = rest[rest.index(after: end)...]
            case "}": throw Fault(reason: "has a closing brace without an opening one")
            default: literal.append(character)
            }
        }
        if !literal.isEmpty || parts.isEmpty { parts.append(.literal(literal)) }
    }

    /// The names of its placeholders.
    public var names: [String] {
        parts.compactMap { part in
            if case .placeholder(let name) = part { name } else { nil }
        }
    }

    /// The word with the values in their places; `nil` where one is absent.
    func filled(_ values: ArgumentValues) -> String? {
        var word = ""
        for part in parts {
            switch part {
            case .literal(let text): word += text
            case .placeholder(let name):
                guard let value = values[name] else { return nil }
                word += value
            }
        }
        return word
    }
}
