import Grid

/// Alerts that are kept, resolved ones among them: a row each.
extension Archive {
    func write(_ alert: Alert) throws(StoreError) {
        let body = AlertCoder.encode(alert)
        let id = alert.id.description
        let values: [SQLiteValue] = [.text(body), .integer(checksum(id, body)), .text(id)]
        let changed = try database.statement("UPDATE alert SET body = ?, checksum = ? WHERE id = ?").change(values)
        guard changed == 0 else { return }
        try database.statement("INSERT INTO alert (body, checksum, id) VALUES (?, ?, ?)").run(values)
        try Tallies(database: database).add(1, to: .alerts)
    }

    func forgetAlert(_ id: AlertID) throws(StoreError) {
        let gone = try database.statement("DELETE FROM alert WHERE id = ?").change([.text(id.description)])
        try Tallies(database: database).add(-gone, to: .alerts)
    }

    /// By identifier.
    func readAlerts() throws(StoreError) -> [Alert] {
        var alerts: [Alert] = []
        try database.statement("SELECT id, body, checksum FROM alert ORDER BY id")
            .forEachRow { (row) throws(StoreError) in
                let (id, body) = (try row.text(0), try row.text(1))
                try row.verify(2, checksum(id, body), of: "the alert \(id)")
                guard let alert = AlertCoder.decode(body), alert.id.description == id else {
                    throw StoreError(.corrupt, "the alert \(id) cannot be read", sql: row.sql)
                }
                alerts.append(alert)
            }
        try Tallies(database: database).verify(.alerts, found: alerts.count)
        return alerts
    }

    private func checksum(_ id: String, _ body: String) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, id)
        checksum.add(2, body)
        return checksum.value
    }
}
