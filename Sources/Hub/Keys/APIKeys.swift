internal import Grid

/// The API keys there are, those that were taken back or whose term is over among them.
struct APIKeys: Sendable {
    private var records: [APIKeyID: APIKeyRecord] = [:]
    private var names: [Digest256: APIKeyID] = [:]

    init(_ stored: [APIKeyRecord]) {
        for record in stored { insert(record) }
    }

    var count: Int { records.count }

    /// The key by its identifier or its digest.
    func find(_ reference: APIKeyReference) -> APIKeyRecord? {
        switch reference {
        case .id(let id): records[id]
        case .digest(let digest): names[digest].flatMap { records[$0] }
        }
    }

    /// A user's keys, or all, in the order in which they were made.
    func records(of owner: UserID?) -> [APIKeyRecord] {
        records.values.filter { owner == nil || $0.owner == owner }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    mutating func insert(_ record: APIKeyRecord) {
        precondition(records.updateValue(record, forKey: record.id) == nil, "two API keys of one identifier")
        precondition(names.updateValue(record.id, forKey: record.digest) == nil, "two API keys of one digest")
    }

    /// Replaces what is known of a key.
    mutating func update(_ record: APIKeyRecord) {
        guard let old = records.updateValue(record, forKey: record.id), old.digest == record.digest else {
            preconditionFailure("an API key that is not there, or became another one")
        }
    }

    /// The key that was taken back, or whose term was over, longest ago; `nil` where all are good at `now`.
    func oldestEnded(by now: Timestamp) -> APIKeyRecord? {
        records.values.compactMap { record in record.end(by: now).map { (record, end: $0) } }
            .min { ($0.end, $0.0.id) < ($1.end, $1.0.id) }?.0
    }

    mutating func remove(_ id: APIKeyID) {
        guard let record = records.removeValue(forKey: id) else { preconditionFailure("no API key to remove") }
        names[record.digest] = nil
    }
}
