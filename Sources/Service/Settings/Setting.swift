/// One key of the configuration: where it may come from, what it may hold, what it means.
public struct Setting: Sendable, Hashable {
    /// The key path in the file, such as `limits.message_bytes`. A segment `*` stands for any name the operator gives.
    public let key: String
    /// What it may hold.
    public let kind: ValueKind
    /// The value where nobody gives one; `nil` if it is then absent.
    public let defaultValue: Value?
    /// What it does, as the documentation says it.
    public let meaning: String
    /// The environment variable, such as `NEUROGRID_LISTEN`; `nil` if there is none.
    public let environment: String?
    /// The flag, without hyphens; `nil` if there is none.
    public let flag: String?
    /// What stands for the value in help texts.
    public let placeholder: String
    /// Whether its value must not appear in errors, logs or documentation.
    public let isSecret: Bool
    /// Whether there must be a value; for keys without a default.
    public let isRequired: Bool

    /// Declares a key. A default out of its own range is our fault.
    public init(
        _ key: String, _ kind: ValueKind, default defaultValue: Value? = nil, meaning: String,
        environment: String? = nil, flag: String? = nil, placeholder: String = "VALUE", isSecret: Bool = false,
        isRequired: Bool = false
    ) {
        if let defaultValue, case .failure(let fault) = kind.check(defaultValue) {
            preconditionFailure("the default of \(key) \(fault.reason)")
        }
        precondition(!key.contains("*") || (environment == nil && flag == nil), "a variable or flag has one value")
        self.key = key
        self.kind = kind
        self.defaultValue = defaultValue
        self.meaning = meaning
        self.environment = environment
        self.flag = flag
        self.placeholder = placeholder
        self.isSecret = isSecret
        self.isRequired = isRequired
    }

    /// The segments of the key path.
    var path: [String] { key.split(separator: ".").map(String.init) }
}
