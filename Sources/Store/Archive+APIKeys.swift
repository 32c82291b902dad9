import Grid

/// API keys: a row a key with its digest, never the key itself.
extension Archive {
    func write(_ key: APIKeyRecord) throws(StoreError) {
        let values: [SQLiteValue] = [
            .blob(key.digest.bytes), .text(key.owner.text), .text(key.name), .integer(Int64(key.ratePerMinute)),
            .integer(key.createdAt.milliseconds), .optional(key.lastUsedAt?.milliseconds),
            .optional(key.revokedAt?.milliseconds), .optional(key.expiresAt?.milliseconds), .integer(checksum(of: key)),
            .text(key.id.description),
        ]
        let changed = try database.statement(
            """
            UPDATE api_key SET digest = ?, owner = ?, name = ?, rate_per_minute = ?, created_at = ?, last_used_at = ?,
                revoked_at = ?, expires_at = ?, checksum = ? WHERE id = ?
            """
        ).change(values)
        guard changed == 0 else { return }
        try database.statement(
            """
            INSERT INTO api_key
                (digest, owner, name, rate_per_minute, created_at, last_used_at, revoked_at, expires_at, checksum, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run(values)
        try Tallies(database: database).add(1, to: .apiKeys)
    }

    func forgetAPIKey(_ id: APIKeyID) throws(StoreError) {
        let gone = try database.statement("DELETE FROM api_key WHERE id = ?").change([.text(id.description)])
        try Tallies(database: database).add(-gone, to: .apiKeys)
    }

    /// By identifier.
    func readAPIKeys() throws(StoreError) -> [APIKeyRecord] {
        var keys: [APIKeyRecord] = []
        try database.statement(
            """
            SELECT id, digest, owner, name, rate_per_minute, created_at, last_used_at, revoked_at, checksum, expires_at
            FROM api_key ORDER BY id
            """
        ).forEachRow { (row) throws(StoreError) in
            let digest = try row.blob(1)
            guard digest.count == 32, let rate = Int(exactly: try row.integer(4)) else {
                throw StoreError(.corrupt, "an API key that cannot be read", sql: row.sql)
            }
            var key = APIKeyRecord(
                id: APIKeyID(try row.uuid(0)), digest: Digest256(bytes: digest), owner: UserID(try row.text(2)),
                name: try row.text(3), ratePerMinute: rate, createdAt: Timestamp(milliseconds: try row.integer(5)))
            key.lastUsedAt = try row.optionalInteger(6).map { Timestamp(milliseconds: $0) }
            key.revokedAt = try row.optionalInteger(7).map { Timestamp(milliseconds: $0) }
            key.expiresAt = try row.optionalInteger(9).map { Timestamp(milliseconds: $0) }
            try row.verify(8, checksum(of: key), of: "the API key \(key.id)")
            keys.append(key)
        }
        try Tallies(database: database).verify(.apiKeys, found: keys.count)
        return keys
    }

    private func checksum(of key: APIKeyRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, key.id.uuid)
        checksum.add(2, key.digest.bytes)
        checksum.add(3, key.owner.text)
        checksum.add(4, key.name)
        checksum.add(5, Int64(key.ratePerMinute))
        checksum.add(6, key.createdAt.milliseconds)
        checksum.add(7, key.lastUsedAt?.milliseconds)
        checksum.add(8, key.revokedAt?.milliseconds)
        checksum.add(9, key.expiresAt?.milliseconds)
        return checksum.value
    }
}
