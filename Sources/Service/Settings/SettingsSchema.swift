/// All keys that a program's configuration may have.
public struct SettingsSchema: Sendable {
    /// The keys, in the order of the documentation.
    public let settings: [Setting]

    /// Declares the keys. Two of one path, or one inside another, are our fault.
    public init(_ settings: [Setting]) {
        precondition(Set(settings.map(\.key)).count == settings.count, "two settings of one key")
        let flags = settings.compactMap(\.flag)
        precondition(Set(flags).count == flags.count, "two settings of one flag")
        let paths = settings.map(\.path)
        for one in paths {
            for other in paths where other.count > one.count {
                precondition(!other.starts(with: one), "a setting inside another")
            }
        }
        self.settings = settings
    }

    /// The flags of the keys that have one, to be declared by the command that loads the settings.
    public var flags: [Flag] {
        settings.compactMap { setting in
            setting.flag.map { name in
                Flag(
                    name, setting.kind, placeholder: setting.placeholder, meaning: setting.meaning,
                    defaultText: setting.defaultValue == .bool(false) ? nil : setting.defaultValue?.text)
            }
        }
    }

    /// What a path in a file is to the schema.
    enum Match: Equatable {
        /// A key with a value.
        case setting(Setting)
        /// An object around further keys.
        case group
        /// Nothing that is known.
        case unknown
    }

    /// What `path` is; names that the operator gives match `*` where they are plain.
    func match(_ path: [String]) -> Match {
        for setting in settings where Self.covers(setting.path, path) {
            return .setting(setting)
        }
        return settings.contains { $0.path.count > path.count && Self.covers(Array($0.path.prefix(path.count)), path) }
            ? .group : .unknown
    }

    private static func covers(_ pattern: [String], _ path: [String]) -> Bool {
        pattern.count == path.count && zip(pattern, path).allSatisfy { $0 == $1 || ($0 == "*" && isPlainName($1)) }
    }

    /// Whether an operator may name an entry so: letters, digits, `_` and `-`, at most 64.
    static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }

    /// A known key path that `path` may be a misspelling of.
    func similar(to path: [String]) -> String? {
        guard let last = path.last else { return nil }
        let parent = Array(path.dropLast())
        let siblings = settings.map(\.path).filter { pattern in
            pattern.count > parent.count && Self.covers(Array(pattern.prefix(parent.count)), parent)
        }
        let name = nearest(to: last, in: siblings.map { $0[parent.count] }.filter { $0 != "*" })
        if let name { return (parent + [name]).joined(separator: ".") }
        // Or the right name at the wrong place.
        return settings.first { $0.path.last == last }?.key
    }
}
