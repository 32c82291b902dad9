import Grid

/// Tokens that were taken back: one row a user or token, the newest word counts.
extension Archive {
    func write(_ revocation: Revocation) throws(StoreError) {
        let (kind, subject) = Self.columns(of: revocation.subject)
        try database.statement(
            """
            INSERT INTO revocation (kind, subject, at, checksum) VALUES (?, ?, ?, ?)
            ON CONFLICT (kind, subject) DO UPDATE SET at = excluded.at, checksum = excluded.checksum
            WHERE excluded.at >= revocation.at
            """
        ).run([
            .text(kind), .text(subject), .integer(revocation.at.milliseconds),
            .integer(checksum(kind, subject, revocation.at)),
        ])
    }

    func readRevocations() throws(StoreError) -> [Revocation] {
        var revocations: [Revocation] = []
        try database.statement("SELECT kind, subject, at, checksum FROM revocation ORDER BY kind, subject")
            .forEachRow { (row) throws(StoreError) in
                let kind = try row.text(0)
                let subject = try row.text(1)
                let at = Timestamp(milliseconds: try row.integer(2))
                try row.verify(3, checksum(kind, subject, at), of: "a revocation")
                switch kind {
                case "user": revocations.append(Revocation(.user(UserID(subject)), at: at))
                case "token": revocations.append(Revocation(.token(subject), at: at))
                default: throw StoreError(.corrupt, "a revocation of a kind that is none", sql: row.sql)
                }
            }
        return revocations
    }

    private static func columns(of subject: Revocation.Subject) -> (kind: String, subject: String) {
        switch subject {
        case .user(let user): ("user", user.text)
        case .token(let id): ("token", id)
        }
    }

    private func checksum(_ kind: String, _ subject: String, _ at: Timestamp) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, kind)
        checksum.add(2, subject)
        checksum.add(3, at.milliseconds)
        return checksum.value
    }
}
