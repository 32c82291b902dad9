/// Walks one command line. A struct of its own, so that ``Program`` stays a declaration.
struct ArgumentsParser {
    private let program: Program
    /// The command, once its words have been read.
    private var command: Command?
    /// The words of a command's name read so far.
    private var path: [String] = []
    private var flags: [String: [Value]] = [:]
    private var positionals: [String: [Value]] = [:]
    private var positionalCount = 0

    init(program: Program) {
        self.program = program
        command = program.commands.first { $0.name.isEmpty }
    }

    mutating func parse(_ words: [String]) throws(ArgumentsError) -> Program.Request {
        // Help wins over any mistake before or behind it.
        let asked = words.prefix { $0 != "--" }
        var index = 0
        if asked.contains("--help") || asked.contains("-h") { return .show(help(for: asked)) }
        if asked.first == "--version" { return .show("\(program.name) \(program.version)\n") }
        var flagsEnded = false
        while index < words.count {
            let word = words[index]
            index += 1
            if !flagsEnded, word == "--" {
                flagsEnded = true
            } else if !flagsEnded, word.hasPrefix("--") {
                try takeFlag(word, words, &index)
            } else if !flagsEnded, word.hasPrefix("-"), word != "-", Double(word) == nil {
                throw .unknownFlag(word, similar: nil)
            } else {
                try takeWord(word)
            }
        }
        return .run(try finish())
    }

    private var knownFlags: [Flag] { program.flags + (command?.flags ?? []) }

    private mutating func takeFlag(_ word: String, _ words: [String], _ index: inout Int) throws(ArgumentsError) {
        let body = word.dropFirst(2)
        // Bytes: with an accent behind it, `=` would be another character.
        let equals = body.utf8.firstIndex(of: UInt8(ascii: "="))
        let name = String(body[..<(equals ?? body.endIndex)])
        guard let flag = knownFlags.first(where: { $0.name == name }) else {
            let similar = nearest(to: name, in: knownFlags.map(\.name))
            throw .unknownFlag("--\(name)", similar: similar.map { "--\($0)" })
        }
        let given = equals.map { String(body[body.utf8.index(after: $0)...]) }
        if !flag.isRepeatable, flags[name] != nil { throw .repeated(flag: name) }
        let value: Value
        if flag.kind == .bool {
            guard given == nil else { throw .unexpectedValue(flag: name) }
            value = .bool(true)
        } else if let given {
            value = try check(given, flag.kind, "--\(name)")
        } else {
            // A value that begins with two hyphens is taken for the next flag; `--name=--value` says otherwise.
            guard index < words.count, !words[index].hasPrefix("--") else {
                throw .missingValue(flag: name, placeholder: flag.placeholder)
            }
            value = try check(words[index], flag.kind, "--\(name)")
            index += 1
        }
        flags[name, default: []].append(value)
    }

    private mutating func takeWord(_ word: String) throws(ArgumentsError) {
        guard let command, !continuesName(word) else { return try takeCommandWord(word) }
        guard let positional = positional(at: positionalCount, of: command) else {
            throw .unexpectedPositional(word)
        }
        positionals[positional.name, default: []].append(try check(word, positional.kind, positional.name))
        positionalCount += 1
    }

    /// Whether the word goes on to a longer command's name. Behind a flag of the shorter one it does not.
    private func continuesName(_ word: String) -> Bool {
        let candidate = path + [word]
        let hasOnlyGlobalFlags = flags.keys.allSatisfy { name in program.flags.contains { $0.name == name } }
        return hasOnlyGlobalFlags && !path.isEmpty && program.commands.contains { $0.words.starts(with: candidate) }
    }

    private mutating func takeCommandWord(_ word: String) throws(ArgumentsError) {
        let candidate = path + [word]
        let matching = program.commands.filter { $0.words.starts(with: candidate) }
        guard !matching.isEmpty else {
            let siblings = program.commands.filter { $0.words.starts(with: path) && !$0.isHidden }
            let names = siblings.compactMap { $0.words.dropFirst(path.count).first }
            let similar = nearest(to: word, in: names).map { (path + [$0]).joined(separator: " ") }
            throw .unknownCommand(candidate.joined(separator: " "), similar: similar)
        }
        path = candidate
        command = matching.first { $0.words == candidate }
    }

    private func positional(at index: Int, of command: Command) -> Positional? {
        if index < command.positionals.count { return command.positionals[index] }
        return command.positionals.last.flatMap { $0.takesRest ? $0 : nil }
    }

    private func check(_ text: String, _ kind: ValueKind, _ name: String) throws(ArgumentsError) -> Value {
        switch kind.parse(text) {
        case .success(let value): return value
        case .failure(let fault): throw .badValue(name: name, value: text, reason: fault.reason)
        }
    }

    private func finish() throws(ArgumentsError) -> Arguments {
        guard let command else {
            let choices = program.commands.filter { $0.words.starts(with: path) && !$0.isHidden }.map(\.name)
            throw .missingCommand(after: path.joined(separator: " "), choices: choices)
        }
        for positional in command.positionals where positional.isRequired && positionals[positional.name] == nil {
            throw .missingPositional(positional.name)
        }
        for flag in knownFlags where flag.isRequired && flags[flag.name] == nil { throw .missingFlag(flag.name) }
        let declared = Set(knownFlags.map(\.name) + command.positionals.map(\.name))
        return Arguments(command: command.name, flags: flags, positionals: positionals, declared: declared)
    }

    /// The help text for the command that `words` name, or for as much of one as they do.
    private func help(for words: ArraySlice<String>) -> String {
        if let command { return program.help(for: command) }
        let named = words.filter { !$0.hasPrefix("-") }
        for length in stride(from: named.count, to: 0, by: -1) {
            // The name need not stand first: a global flag's value may precede it.
            for start in 0...(named.count - length) {
                let run = Array(named[start..<start + length])
                if let command = program.commands.first(where: { $0.words == run }) {
                    return program.help(for: command)
                }
                if program.commands.contains(where: { $0.words.starts(with: run) }) {
                    return program.help(commandsUnder: run)
                }
            }
        }
        return program.help(commandsUnder: [])
    }
}
