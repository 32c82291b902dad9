/// Why a configuration was refused: one line that names the place, the key and the value.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `FILE:LINE`, `FILE`, the environment variable, or the flag with its hyphens; empty for a built-in default.
    public let place: String
    /// The key path; `nil` where the file as a whole is at fault.
    public let key: String?
    /// The offending value as text, cut short; `nil` where there is none or it is secret.
    public let value: String?
    /// What is wrong, such as `is not a whole number` or `unknown key`.
    public let reason: String

    init(place: String, key: String?, value: String?, reason: String) {
        self.place = PlainText.line(place, limit: 4096)
        self.key = key.map { PlainText.line($0) }
        self.value = value.map { PlainText.line($0, limit: 80) }
        self.reason = PlainText.line(reason, limit: 1024)
    }

    public var description: String {
        let start = [place, key].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        guard let value else { return start.isEmpty ? reason : "\(start): \(reason)" }
        return "\(start): \(value) \(reason)"
    }
}
