import Grid

/// The coordinator itself, users and enrolments: records of one row.
extension Archive {
    // MARK: Coordinator

    func writeCoordinator(_ id: UUID128, createdAt: Timestamp) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            try database.statement("INSERT INTO coordinator (only_one, id, created_at, checksum) VALUES (1, ?, ?, ?)")
                .run([
                    .text(id.description), .integer(createdAt.milliseconds),
                    .integer(coordinatorChecksum(id, createdAt)),
                ])
        }
    }

    func readCoordinator() throws(StoreError) -> UUID128 {
        var found: UUID128?
        try database.statement("SELECT id, created_at, checksum FROM coordinator")
            .forEachRow { (row) throws(StoreError) in
                let id = try row.uuid(0)
                try row.verify(
                    2, coordinatorChecksum(id, Timestamp(milliseconds: try row.integer(1))), of: "the coordinator")
                found = id
            }
        guard let found else { throw StoreError(.corrupt, "the coordinator's own record is gone") }
        return found
    }

    private func coordinatorChecksum(_ id: UUID128, _ createdAt: Timestamp) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, id)
        checksum.add(2, createdAt.milliseconds)
        return checksum.value
    }

    // MARK: Users

    func write(_ user: UserRecord) throws(StoreError) {
        try database.statement(
            """
            INSERT INTO user (id, created_at, checksum) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, checksum = excluded.checksum
            """
        ).run([.text(user.id.text), .integer(user.createdAt.milliseconds), .integer(userChecksum(user))])
    }

    /// Makes the user known if it is not.
    func writeIfAbsent(_ user: UserRecord) throws(StoreError) {
        try database.statement(
            "INSERT INTO user (id, created_at, checksum) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
        ).run([.text(user.id.text), .integer(user.createdAt.milliseconds), .integer(userChecksum(user))])
    }

    func readUsers() throws(StoreError) -> [UserRecord] {
        var users: [UserRecord] = []
        try database.statement("SELECT id, created_at, checksum FROM user ORDER BY id")
            .forEachRow { (row) throws(StoreError) in
                let user = UserRecord(
                    id: UserID(try row.text(0)), createdAt: Timestamp(milliseconds: try row.integer(1)))
                try row.verify(2, userChecksum(user), of: "user \(user.id)")
                users.append(user)
            }
        return users
    }

    private func userChecksum(_ user: UserRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, user.id.text)
        checksum.add(2, user.createdAt.milliseconds)
        return checksum.value
    }

    // MARK: Enrolments

    func write(_ enrolment: EnrolmentRecord) throws(StoreError) {
        try database.statement(
            """
            INSERT INTO enrolment (token_digest, node, expires_at, used_at, checksum) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (token_digest) DO UPDATE SET
                node = excluded.node, expires_at = excluded.expires_at, used_at = excluded.used_at,
                checksum = excluded.checksum
            """
        ).run([
            .blob(enrolment.tokenDigest.bytes), .text(enrolment.node.description),
            .integer(enrolment.expiresAt.milliseconds), .optional(enrolment.usedAt?.milliseconds),
            .integer(enrolmentChecksum(enrolment)),
        ])
    }

    func readEnrolments() throws(StoreError) -> [EnrolmentRecord] {
        var enrolments: [EnrolmentRecord] = []
        try database.statement(
            "SELECT token_digest, node, expires_at, used_at, checksum FROM enrolment ORDER BY token_digest"
        ).forEachRow { (row) throws(StoreError) in
            let digest = try row.blob(0)
            guard digest.count == 32 else { throw StoreError(.corrupt, "a join token's digest of a wrong length") }
            var enrolment = EnrolmentRecord(
                tokenDigest: Digest256(bytes: digest), node: NodeID(try row.uuid(1)),
                expiresAt: Timestamp(milliseconds: try row.integer(2)))
            enrolment.usedAt = try row.optionalInteger(3).map { Timestamp(milliseconds: $0) }
            try row.verify(4, enrolmentChecksum(enrolment), of: "an enrolment of node \(enrolment.node)")
            enrolments.append(enrolment)
        }
        return enrolments
    }

    private func enrolmentChecksum(_ enrolment: EnrolmentRecord) -> Int64 {
        var checksum = RecordChecksum()
        checksum.add(1, enrolment.tokenDigest.bytes)
        checksum.add(2, enrolment.node.uuid)
        checksum.add(3, enrolment.expiresAt.milliseconds)
        checksum.add(4, enrolment.usedAt?.milliseconds)
        return checksum.value
    }
}

extension SQLiteStatement {
    /// An identifier in its canonical text form.
    func uuid(_ column: Int32) throws(StoreError) -> UUID128 {
        guard let uuid = UUID128(try text(column)) else {
            throw StoreError(.corrupt, "an identifier that is none", sql: sql)
        }
        return uuid
    }

    /// Throws unless the column holds that checksum.
    func verify(_ column: Int32, _ checksum: Int64, of subject: String) throws(StoreError) {
        guard try integer(column) == checksum else {
            throw StoreError(.corrupt, "the record of \(subject) is not what was written", sql: sql)
        }
    }
}
