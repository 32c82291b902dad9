import Grid

/// What is thought of nodes: a row a node, the newest word counts.
extension Archive {
    func write(_ trust: NodeTrust) throws(StoreError) {
        let values: [SQLiteValue] = [
            .optional(trust.quarantine?.rawValue), .optional(trust.since?.milliseconds),
            .integer(Int64(trust.verifiedResults)), .integer(Int64(trust.failedChallenges)), .text(trust.detail),
            .integer(checksum(of: trust)), .text(trust.node.description),
        ]
        let changed = try database.statement(
            """
            UPDATE trust SET quarantine = ?, since = ?, verified_results = ?, failed_challenges = ?, detail = ?,
                checksum = ? WHERE node = ?
            """
        ).change(values)
        guard changed == 0 else { return }
        try database.statement(
            """
            INSERT INTO trust (quarantine, since, verified_results, failed_challenges, detail, checksum, node)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """
        ).run(values)
        try Tallies(database: database).add(1, to: .trusts)
    }

    /// By node.
    func readTrust() throws(StoreError) -> [NodeTrust] {
        var trusts: [NodeTrust] = []
        try database.statement(
            """
            SELECT node, quarantine, since, verified_results, failed_challenges, detail, checksum FROM trust
            ORDER BY node
            """
        ).forEachRow { (row) throws(StoreError) in
            var trust = NodeTrust(node: NodeID(try row.uuid(0)))
            let subject = "the trust in node \(trust.node)"
            if let name = try row.optionalText(1) {
                guard let quarantine = NodeTrust.Quarantine(rawValue: name) else {
                    throw StoreError(.corrupt, "\(subject) cannot be read")
                }
                trust.quarantine = quarantine
            }
            trust.since = try row.optionalInteger(2).map { Timestamp(milliseconds: $0) }
            trust.verifiedResults = UInt32(truncatingIfNeeded: try row.integer(3))
            trust.failedChallenges = UInt32(truncatingIfNeeded: try row.integer(4))
            trust.detail = try row.text(5)
            try row.verify(6, checksum(of: trust), of: subject)
            trusts.append(trust)
        }
        try Tallies(database: database).verify(.trusts, found: trusts.count)
        return trusts
    }

    private func checksum(of trust: NodeTrust) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, trust.node.uuid)
        checksum.add(2, trust.quarantine?.rawValue)
        checksum.add(3, trust.since?.milliseconds)
        checksum.add(4, UInt64(trust.verifiedResults))
        checksum.add(5, UInt64(trust.failedChallenges))
        checksum.add(6, trust.detail)
        return checksum.value
    }
}
