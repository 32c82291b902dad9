/// One step of the database's shape.
struct Migration {
    /// 1, 2, 3, … without gaps.
    let version: Int
    /// Statements separated by semicolons.
    let sql: String
}

/// Every step that the database's shape has taken. Append only: a step that has shipped is never changed.
enum Migrations {
    /// `NGRD`: tells this program's databases from others'.
    static let applicationID: Int64 = 0x4E47_5244

    static let all: [Migration] = [
        Migration(version: 1, sql: identities),
        Migration(version: 2, sql: audit),
        Migration(version: 3, sql: events),
        Migration(version: 4, sql: revocations),
        Migration(version: 5, sql: tasksAndMoney),
        Migration(version: 6, sql: apiKeys),
        Migration(version: 7, sql: alerts),
        Migration(version: 8, sql: apiKeyTerms),
        Migration(version: 9, sql: formerEpochs),
    ]

    /// Throws ``StoreError/Kind/foreign`` unless the file is this program's or empty. Changes nothing.
    static func admit(_ database: SQLiteDatabase) throws(StoreError) {
        let application = try database.integer("PRAGMA application_id")
        if application == applicationID { return }
        guard application == 0, try database.integer("SELECT count(*) FROM sqlite_schema") == 0 else {
            throw StoreError(.foreign, "\(database.path): is the database of another program")
        }
    }

    /// Brings an admitted database to the newest of these versions, each step in a transaction of its own.
    ///
    /// Throws ``StoreError/Kind/foreign`` for one of a newer version.
    static func apply(_ migrations: [Migration] = all, to database: SQLiteDatabase) throws(StoreError) {
        for (index, migration) in migrations.enumerated() {
            precondition(migration.version == index + 1, "migrations are numbered from 1 without gaps")
        }
        try makeOurs(database)
        let current = try version(of: database)
        guard current <= migrations.count else {
            throw StoreError(
                .foreign,
                "\(database.path): written by a newer version of neurogrid "
                    + "(schema \(current), this one knows \(migrations.count))")
        }
        for migration in migrations.dropFirst(current) {
            try database.transaction { () throws(StoreError) in
                try database.execute(migration.sql)
                try database.statement("INSERT INTO schema_version (version) VALUES (?)")
                    .run([.integer(Int64(migration.version))])
            }
        }
    }

    /// The last step that a database of this program has taken.
    static func version(of database: SQLiteDatabase) throws(StoreError) -> Int {
        Int(try database.integer("SELECT coalesce(max(version), 0) FROM schema_version"))
    }

    private static func makeOurs(_ database: SQLiteDatabase) throws(StoreError) {
        guard try database.integer("PRAGMA application_id") == 0 else { return }
        try database.transaction { () throws(StoreError) in
            try database.execute("PRAGMA application_id = \(applicationID)")
            try database.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT")
        }
    }

    // MARK: The steps. Times are milliseconds since 1970; identifiers are UUIDs in their canonical text form;
    // `checksum` is RecordChecksum's over the whole record.

    private static let identities = """
        CREATE TABLE coordinator (
            only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
            id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE user (
            id TEXT PRIMARY KEY,
            created_at INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE node (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            owner TEXT NOT NULL REFERENCES user (id) DEFERRABLE INITIALLY DEFERRED,
            region TEXT NOT NULL,
            city TEXT NOT NULL,
            country TEXT NOT NULL,
            price_per_hour_micros INTEGER,
            enrolled_at INTEGER NOT NULL,
            registered_at INTEGER,
            session_epoch INTEGER NOT NULL,
            has_specifications INTEGER NOT NULL CHECK (has_specifications IN (0, 1)),
            cpu_model TEXT,
            cpu_cores INTEGER,
            memory_total_bytes INTEGER,
            storage_bytes INTEGER,
            network_megabits_per_second INTEGER,
            hostname TEXT,
            kernel TEXT,
            operating_system TEXT,
            driver_version TEXT,
            agent_version TEXT,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE node_key (
            node TEXT PRIMARY KEY REFERENCES node (id) DEFERRABLE INITIALLY DEFERRED,
            public_key BLOB NOT NULL CHECK (length(public_key) = 32)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE node_gpu (
            node TEXT NOT NULL REFERENCES node (id) DEFERRABLE INITIALLY DEFERRED,
            place INTEGER NOT NULL,
            gpu_index INTEGER NOT NULL,
            uuid TEXT NOT NULL,
            name TEXT NOT NULL,
            pci_bus_id TEXT NOT NULL,
            memory_total_bytes INTEGER,
            power_limit_milliwatts INTEGER,
            slowdown_celsius INTEGER,
            PRIMARY KEY (node, place)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE enrolment (
            token_digest BLOB PRIMARY KEY CHECK (length(token_digest) = 32),
            node TEXT NOT NULL REFERENCES node (id) DEFERRABLE INITIALLY DEFERRED,
            expires_at INTEGER NOT NULL,
            used_at INTEGER,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let audit = """
        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            node TEXT,
            user TEXT,
            detail TEXT NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        """

    private static let events = """
        CREATE TABLE room (
            name TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL,
            last_offset INTEGER NOT NULL,
            trimmed_through INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            room TEXT NOT NULL REFERENCES room (name) DEFERRABLE INITIALLY DEFERRED,
            offset INTEGER NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            owner TEXT,
            node TEXT,
            task TEXT,
            job TEXT,
            region TEXT,
            status TEXT,
            body TEXT NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (room, offset)
        ) STRICT, WITHOUT ROWID;
        """

    private static let revocations = """
        CREATE TABLE revocation (
            kind TEXT NOT NULL CHECK (kind IN ('user', 'token')),
            subject TEXT NOT NULL,
            at INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID;
        """

    /// A tally begins at 0 and the ledger with nothing, here and nowhere else: one that is absent later is damage.
    private static let tasksAndMoney = """
        ALTER TABLE node ADD COLUMN is_draining INTEGER NOT NULL DEFAULT 0 CHECK (is_draining IN (0, 1));
        CREATE TABLE tally (
            name TEXT PRIMARY KEY,
            count INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO tally (name, count, checksum) VALUES
            ('balance', 0, 5649023017005476417),
            ('job', 0, 8855344441711445148),
            ('last_task', 0, -4263689718780191033),
            ('task', 0, -8821673915769960771),
            ('trust', 0, 4398213380681250929);
        CREATE TABLE job (
            id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE task (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            id TEXT NOT NULL UNIQUE,
            job TEXT NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,
            owner TEXT NOT NULL,
            key TEXT,
            state TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            ended_at INTEGER,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX task_by_job ON task (job);
        CREATE TABLE task_specification (
            task INTEGER PRIMARY KEY REFERENCES task (number) DEFERRABLE INITIALLY DEFERRED,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE TABLE transfer (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            id TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            debit TEXT NOT NULL,
            debit_user TEXT,
            credit TEXT NOT NULL,
            credit_user TEXT,
            currency TEXT NOT NULL,
            amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
            task TEXT,
            key TEXT,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE INDEX transfer_by_debtor ON transfer (debit_user) WHERE debit_user IS NOT NULL;
        CREATE INDEX transfer_by_creditor ON transfer (credit_user) WHERE credit_user IS NOT NULL;
        CREATE INDEX transfer_with_key ON transfer (number) WHERE key IS NOT NULL;
        CREATE TABLE ledger_head (
            only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
            last_number INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            checksum INTEGER NOT NULL
        ) STRICT;
        INSERT INTO ledger_head (only_one, last_number, hash, checksum)
            VALUES (1, 0, zeroblob(32), -3248628488553354550);
        CREATE TABLE balance (
            account TEXT NOT NULL,
            user TEXT NOT NULL,
            currency TEXT NOT NULL,
            micros INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (account, user, currency)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE trust (
            node TEXT PRIMARY KEY REFERENCES node (id) DEFERRABLE INITIALLY DEFERRED,
            quarantine TEXT,
            since INTEGER,
            verified_results INTEGER NOT NULL,
            failed_challenges INTEGER NOT NULL,
            detail TEXT NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let apiKeys = """
        INSERT INTO tally (name, count, checksum) VALUES ('api_key', 0, -1162434438186049279);
        CREATE TABLE api_key (
            id TEXT PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            rate_per_minute INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER,
            revoked_at INTEGER,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let alerts = """
        INSERT INTO tally (name, count, checksum) VALUES ('alert', 0, 7738630570028732957);
        CREATE TABLE alert (
            id TEXT PRIMARY KEY,
            checksum INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Keys that are there already have no term, and keep the checksums they have.
    private static let apiKeyTerms = """
        ALTER TABLE api_key ADD COLUMN expires_at INTEGER;
        """

    /// Their order is that of `number`.
    private static let formerEpochs = """
        CREATE TABLE former_epoch (
            number INTEGER PRIMARY KEY,
            room TEXT NOT NULL REFERENCES room (name),
            epoch INTEGER NOT NULL,
            last_offset INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            UNIQUE (room, epoch)
        ) STRICT;
        CREATE TABLE told_early (
            room TEXT PRIMARY KEY REFERENCES room (name)
        ) STRICT, WITHOUT ROWID;
        """
}
