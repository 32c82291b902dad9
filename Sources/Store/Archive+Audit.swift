public import Grid

/// The audit log: appended to, read from its end, its oldest entries dropped beyond a fixed number.
extension Archive {
    func write(_ entry: AuditEntry, keeping maximum: Int64) throws(StoreError) {
        try database.statement("INSERT INTO audit (at, kind, node, user, detail, checksum) VALUES (?, ?, ?, ?, ?, ?)")
            .run([
                .integer(entry.at.milliseconds), .text(entry.kind.rawValue), .optional(entry.node?.description),
                .optional(entry.user?.text), .text(entry.detail),
                .integer(checksum(entry.kind.rawValue, entry.at, entry.node, entry.user, entry.detail)),
            ])
        try database.statement("DELETE FROM audit WHERE sequence <= (SELECT max(sequence) FROM audit) - ?")
            .run([.integer(maximum)])
    }

    /// The newest entries, newest first. Kinds that only a newer version knows are left out.
    public func audit(newest count: Int) throws(StoreError) -> [AuditEntry] {
        var entries: [AuditEntry] = []
        try database.statement(
            "SELECT at, kind, node, user, detail, checksum FROM audit ORDER BY sequence DESC LIMIT ?"
        ).forEachRow([.integer(Int64(count))]) { (row) throws(StoreError) in
            let at = Timestamp(milliseconds: try row.integer(0))
            let kind = try row.text(1)
            let node = row.isNull(2) ? nil : NodeID(try row.uuid(2))
            let user = try row.optionalText(3).map { UserID($0) }
            let detail = try row.text(4)
            try row.verify(5, checksum(kind, at, node, user, detail), of: "an audit entry")
            guard let known = AuditEntry.Kind(rawValue: kind) else { return }
            entries.append(AuditEntry(at: at, kind: known, node: node, user: user, detail: detail))
        }
        return entries
    }

    private func checksum(
        _ kind: String, _ at: Timestamp, _ node: NodeID?, _ user: UserID?, _ detail: String
    ) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, at.milliseconds)
        checksum.add(2, kind)
        if let node { checksum.add(3, node.uuid) }
        checksum.add(4, user?.text)
        checksum.add(5, detail)
        return checksum.value
    }
}
