extension Program {
    private static let width = 100

    /// The help text of one command.
    public func help(for command: Command) -> String {
        let full = command.name.isEmpty ? name : "\(name) \(command.name)"
        let all = command.flags + flags
        let required = all.filter(\.isRequired).map(\.notation)
        let usage = [full] + required + ["[flags]"] + command.positionals.map(\.notation)
        var text = "\(full): \(command.name.isEmpty ? summary : command.summary)\n"
        text += "\nusage: " + usage.joined(separator: " ") + "\n"
        if !command.positionals.isEmpty {
            text += "\narguments:\n"
            text += Self.table(command.positionals.map { ($0.name, Self.meaning($0.meaning, $0.kind, nil)) })
        }
        text += "\nflags:\n"
        var rows = all.map { flag in
            (
                flag.notation,
                Self.meaning(flag.meaning, flag.kind, flag.isRequired ? "needed" : flag.defaultText.map(Self.shown))
            )
        }
        rows.append(("--help", "print this and exit"))
        return text + Self.table(rows)
    }

    /// The help text that lists the commands whose names begin with `prefix`.
    func help(commandsUnder prefix: [String]) -> String {
        let full = ([name] + prefix).joined(separator: " ")
        var text = prefix.isEmpty ? "\(name): \(summary)\n" : ""
        text += (text.isEmpty ? "" : "\n") + "usage: \(full) COMMAND [flags]\n\ncommands:\n"
        let shown = commands.filter { !$0.isHidden && $0.words.starts(with: prefix) }
        text += Self.table(shown.map { ($0.name, $0.summary) })
        var rows = flags.map { ($0.notation, Self.meaning($0.meaning, $0.kind, $0.defaultText.map(Self.shown))) }
        rows.append(("--help", "print this, or with a command what it takes"))
        if prefix.isEmpty { rows.append(("--version", "print the version and exit")) }
        return text + "\nflags:\n" + Self.table(rows)
    }

    /// The meaning with the choices and the default behind it.
    private static func meaning(_ meaning: String, _ kind: ValueKind, _ remark: String?) -> String {
        var remarks: [String] = []
        if case .choice = kind { remarks.append(kind.summary) }
        if case .choices = kind { remarks.append(kind.summary) }
        if let remark { remarks.append(remark) }
        return remarks.isEmpty ? meaning : "\(meaning) (\(remarks.joined(separator: "; ")))"
    }

    private static func shown(_ defaultText: String) -> String {
        defaultText.isEmpty ? "default empty" : "default \(defaultText)"
    }

    /// Two columns, the second broken at the width of a terminal.
    private static func table(_ rows: [(left: String, right: String)]) -> String {
        let column = min(rows.map(\.left.count).max() ?? 0, 36)
        var text = ""
        for row in rows {
            var line = "  " + row.left + String(repeating: " ", count: max(0, column - row.left.count)) + "  "
            var isStart = row.left.count <= column
            if !isStart {
                text += line.trimmed + "\n"
                line = String(repeating: " ", count: column + 4)
                isStart = true
            }
            for word in row.right.split(separator: " ") {
                if !isStart, line.count + 1 + word.count > width {
                    text += line + "\n"
                    line = String(repeating: " ", count: column + 4)
                    isStart = true
                }
                line += (isStart ? "" : " ") + word
                isStart = false
            }
            text += line.trimmed + "\n"
        }
        return text
    }
}

extension String {
    /// Without the spaces at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
