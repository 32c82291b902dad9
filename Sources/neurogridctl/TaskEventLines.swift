/// What a person reads of an event about tasks or money.
enum TaskEventLines {
    /// - Parameter nodes: names of nodes, by their identifiers, as far as they were heard.
    /// - Returns: `nil` for an event about something else.
    static func line(_ type: String, _ data: EventPrinter.Fields, nodes: [String: String]) -> String? {
        let node = data.nodeId.map { nodes[$0] ?? String($0.prefix(8)) }
        switch type {
        case "task_assigned": return task(data) + "→ node \(node ?? "?")"
        case "task_update": return task(data) + update(data, node)
        case "task_progress":
            let parts = [data.stage, data.message, data.etaSeconds.map { "\($0) s left" }].compactMap { $0 }
            return task(data) + (["\(data.progress ?? 0) %"] + parts).joined(separator: "  ")
        case "balance_update":
            let amounts = (data.balances ?? [:]).sorted { $0.key < $1.key }.map { currency, balance in
                "\(currency) \(balance.total.money): \(balance.available.money) available, "
                    + "\(balance.locked.money) locked"
            }
            return ([data.userId ?? "?"] + amounts).joined(separator: "  ")
        case "payment_confirmed":
            let related = data.relatedTask.map { "  for task \($0.prefix(8))" } ?? ""
            return "\(data.userId ?? "?")  \(data.type ?? "payment")  \((data.amount ?? 0).money) "
                + "\(data.currency ?? "")\(related)"
        default: return nil
        }
    }

    private static func task(_ data: EventPrinter.Fields) -> String {
        let id = String((data.taskId ?? "?").prefix(8))
        return "\(data.taskNumber.map { "#\($0) " } ?? "")\(id)  "
    }

    private static func update(_ data: EventPrinter.Fields, _ node: String?) -> String {
        var parts: [String] = []
        if data.previousStatus == data.status {
            parts.append("still \(data.status ?? "?")")
        } else {
            parts.append("\(data.previousStatus ?? "new") → \(data.status ?? "?")")
        }
        if let node { parts.append("on \(node)") }
        if let result = data.result { parts.append(TaskLines.result(result)) }
        if let cost = data.cost { parts.append("cost \(cost.amount.money) \(cost.currency)") }
        return parts.joined(separator: "  ")
    }
}
