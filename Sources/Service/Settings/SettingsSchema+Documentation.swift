extension SettingsSchema {
    /// The keys as a Markdown table for each group, in the order of declaration.
    public var documentation: String {
        var text = ""
        var group: String?
        for setting in settings {
            let path = setting.path
            let parent = path.dropLast().joined(separator: ".")
            if parent != group {
                if group != nil { text += "\n" }
                if !parent.isEmpty { text += "### `\(parent)`\n\n" }
                text += "| Key | Holds | Default | Variable | Flag | Meaning |\n|---|---|---|---|---|---|\n"
                group = parent
            }
            let cells = [
                "`\(setting.key)`", setting.kind.summary, Self.shown(setting),
                setting.environment.map { "`\($0)`" } ?? "", setting.flag.map { "`--\($0)`" } ?? "", setting.meaning,
            ]
            text += "| " + cells.map(Self.cell).joined(separator: " | ") + " |\n"
        }
        return text
    }

    private static func shown(_ setting: Setting) -> String {
        guard let value = setting.defaultValue else { return setting.isRequired ? "needed" : "none" }
        if setting.isSecret { return "[redacted]" }
        return value.text.isEmpty ? "empty" : "`\(value.text)`"
    }

    /// A bar would end the cell.
    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
