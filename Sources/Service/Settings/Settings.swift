/// Where a setting's value came from.
public enum SettingSource: Sendable, Hashable {
    /// The schema's default.
    case builtIn
    /// The configuration file, and the line of the key.
    case file(path: String, line: Int)
    /// This environment variable.
    case environment(String)
    /// This flag, without hyphens.
    case flag(String)

    /// As errors and logs name it.
    public var place: String {
        switch self {
        case .builtIn: ""
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): name
        case .flag(let name): "--\(name)"
        }
    }
}

/// A program's configuration: every key of its schema, checked, with flags above environment above file above default.
public struct Settings: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var source: SettingSource
    }

    private let schema: SettingsSchema
    private var entries: [String: Entry] = [:]
    /// The key paths of the objects in the file, for the names that the operator gave, and where they stand.
    private var groups: [String: SettingSource] = [:]

    /// Loads the configuration.
    ///
    /// - Parameters:
    ///   - schema: the keys there may be.
    ///   - file: the path of a JSON5 file; `nil` for none. A file that is named must exist.
    ///   - environment: the variables. One set to nothing counts as not set, unless its key is a text.
    ///   - arguments: a command line whose flags include the schema's.
    /// - Throws: ``SettingsError`` for the first fault: the file's in its order, then the variables'.
    public init(
        schema: SettingsSchema, file: String? = nil, environment: Environment = Environment([:]),
        arguments: Arguments? = nil
    ) throws(SettingsError) {
        try self.init(
            schema: schema, file: file.map { path throws(SettingsError) in try SettingsFile(path: path) },
            environment: environment, arguments: arguments)
    }

    init(
        schema: SettingsSchema, file: SettingsFile?, environment: Environment, arguments: Arguments?
    ) throws(SettingsError) {
        self.schema = schema
        for setting in schema.settings {
            if let value = setting.defaultValue, !setting.key.contains("*") {
                entries[setting.key] = Entry(value: value, source: .builtIn)
            }
        }
        if let file { try take(file) }
        try take(environment)
        if let arguments { take(arguments) }
        try checkRequired(file)
    }

    // MARK: Asking

    /// The value of `key`; `nil` if it is absent and has no default. A key that the schema lacks is our fault.
    public subscript(key: String) -> Value? {
        guard case .setting(let setting) = schema.match(key.split(separator: ".").map(String.init)) else {
            preconditionFailure("asked for the setting \(key), which is not declared")
        }
        return entries[key]?.value ?? setting.defaultValue
    }

    /// Where the value of `key` came from.
    public func source(of key: String) -> SettingSource { entries[key]?.source ?? .builtIn }

    /// The boolean `key`; `false` if it is absent.
    public func bool(_ key: String) -> Bool { self[key] == .bool(true) }

    /// The whole number `key`; `nil` if it is absent.
    public func integer(_ key: String) -> Int64? {
        guard case .integer(let value) = self[key] else { return nil }
        return value
    }

    /// The number `key`; `nil` if it is absent.
    public func number(_ key: String) -> Double? {
        switch self[key] {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The text `key`; `nil` if it is absent.
    public func text(_ key: String) -> String? {
        guard case .text(let value) = self[key] else { return nil }
        return value
    }

    /// The length of time `key` in nanoseconds; `nil` if it is absent.
    public func nanoseconds(_ key: String) -> UInt64? {
        guard case .duration(let value) = self[key] else { return nil }
        return value
    }

    /// The list `key`; empty if it is absent.
    public func list(_ key: String) -> [String] {
        guard case .list(let value) = self[key] else { return [] }
        return value
    }

    /// The names that the operator gave in `group`, sorted: of `runners`, those in the place of `*` in `runners.*`,
    /// whether there stands an object or a value.
    public func names(in group: String) -> [String] {
        let prefix = group + "."
        return (Array(groups.keys) + entries.keys).filter { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }.filter { !$0.contains(".") }.sorted()
    }

    /// The error for a value that is of its kind but of no use, such as a file that does not exist.
    public func fault(_ key: String, _ reason: String) -> SettingsError {
        guard entries[key] == nil else { return Self.fault(schema, key, self[key]?.text, source(of: key), reason) }
        return Self.fault(schema, key, self[key]?.text, place(around: key), reason)
    }

    /// Where the innermost object stands that the absent `key` would be in.
    private func place(around key: String) -> SettingSource {
        var path = key[...]
        while let dot = path.lastIndex(of: ".") {
            path = path[..<dot]
            if let source = groups[String(path)] { return source }
        }
        return .builtIn
    }

    // MARK: Loading

    private mutating func take(_ file: SettingsFile) throws(SettingsError) {
        for key in file.keys {
            let name = key.path.joined(separator: ".")
            guard let tree = file.root.value(at: key.path) else { continue }
            // What lies inside a key that holds a value was judged with that key.
            if case .setting = schema.match(Array(key.path.dropLast())) { continue }
            let source = SettingSource.file(path: file.path, line: key.line)
            switch schema.match(key.path) {
            case .setting(let setting):
                if tree == .null { continue }
                let checked = tree.value.map { setting.kind.check($0) } ?? .failure(setting.kind.mismatch)
                switch checked {
                case .success(let value): entries[name] = Entry(value: value, source: source)
                case .failure(let fault): throw Self.fault(schema, name, tree.summary, source, fault.reason)
                }
            case .group:
                switch tree {
                case .object: groups[name] = source
                case .null: continue
                default: throw Self.fault(schema, name, tree.summary, source, "is not an object { … }")
                }
            case .unknown:
                // A misspelt key may hold what must not be shown.
                let shown = isSecretName(key.path.last ?? "") ? "[redacted]" : tree.summary
                let hint = schema.similar(to: key.path).map { ", did you mean \($0)?" } ?? ""
                throw Self.fault(schema, name, shown, source, "belongs to no known key\(hint)")
            }
        }
    }

    private mutating func take(_ environment: Environment) throws(SettingsError) {
        for setting in schema.settings {
            guard let name = setting.environment, let text = environment[name] else { continue }
            if text.isEmpty {
                guard case .text = setting.kind else { continue }
            }
            let source = SettingSource.environment(name)
            switch setting.kind.parse(text) {
            case .success(let value): entries[setting.key] = Entry(value: value, source: source)
            case .failure(let fault):
                throw Self.fault(schema, setting.key, SettingsTree.text(text).summary, source, fault.reason)
            }
        }
    }

    private mutating func take(_ arguments: Arguments) {
        for setting in schema.settings {
            guard let flag = setting.flag, arguments.declares(flag), let value = arguments[flag] else { continue }
            entries[setting.key] = Entry(value: value, source: .flag(flag))
        }
    }

    private func checkRequired(_ file: SettingsFile?) throws(SettingsError) {
        for setting in schema.settings where setting.isRequired {
            for path in expanded(setting.path) where entries[path.joined(separator: ".")] == nil {
                // The innermost object that should have it.
                let line = file?.line(of: Array(path.dropLast()))
                throw SettingsError(
                    place: [file?.path, line.map(String.init)].compactMap { $0 }.joined(separator: ":"),
                    key: path.joined(separator: "."), value: nil, reason: "is needed")
            }
        }
    }

    /// The paths that `pattern` means, with the names that the operator gave in the place of each `*`.
    private func expanded(_ pattern: [String]) -> [[String]] {
        guard let star = pattern.firstIndex(of: "*") else { return [pattern] }
        return names(in: pattern[..<star].joined(separator: ".")).flatMap { name in
            var path = pattern
            path[star] = name
            return expanded(path)
        }
    }

    private static func fault(
        _ schema: SettingsSchema, _ key: String, _ value: String?, _ source: SettingSource, _ reason: String
    ) -> SettingsError {
        var shown = value
        if case .setting(let setting) = schema.match(key.split(separator: ".").map(String.init)), setting.isSecret {
            shown = "[redacted]"
        }
        return SettingsError(place: source.place, key: key, value: shown, reason: reason)
    }
}
