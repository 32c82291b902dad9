/// What a person reads of events about the grid as a whole.
enum GridEventLines {
    static func line(_ type: String, _ data: EventPrinter.Fields) -> String {
        switch type {
        case "alert_new": return "\(data.severity ?? "?")  \((data.message ?? "").harmless)"
        case "alert_update":
            let by = data.updatedBy.map { " by \($0.harmless)" } ?? ""
            return "\(data.status ?? "?")\(by)  \((data.message ?? "").harmless)"
        case "prediction":
            let labels = (data.results ?? []).map { "\($0.label.harmless) \($0.confidence)" }
            return "\(data.status ?? "?")  " + labels.joined(separator: ", ")
        case "topology_update":
            let devices = (data.devices ?? []).map { ($0.name ?? $0.id).harmless }
            return "\(data.changeType ?? "?")  " + devices.joined(separator: ", ")
        default: return "\(data.level ?? "?")  \(data.source ?? "?")  \((data.message ?? "").harmless)"
        }
    }
}
