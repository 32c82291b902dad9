internal import Glibc

/// The environment variables that a program was started with, or in tests a made-up set.
public struct Environment: Sendable {
    private let values: [String: String]?

    /// A made-up environment of exactly these variables.
    public init(_ values: [String: String]) {
        self.values = values
    }

    private init() {
        values = nil
    }

    /// The process's own environment, read at each look-up.
    public static let process = Environment()

    /// The value of the variable `name`; `nil` if it is not set.
    public subscript(name: String) -> String? {
        if let values { return values[name] }
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }
}
