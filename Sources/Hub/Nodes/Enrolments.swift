internal import Grid

/// The join tokens that were ever minted, by their digests.
struct Enrolments: Sendable {
    /// What a token is good for at a moment.
    enum Standing: Hashable, Sendable {
        case valid(NodeID)
        case unknown
        case used(NodeID)
        case expired(NodeID)
    }

    private var records: [Digest256: EnrolmentRecord] = [:]

    init(_ stored: [EnrolmentRecord]) {
        records.reserveCapacity(stored.count)
        for record in stored { records[record.tokenDigest] = record }
    }

    func contains(_ digest: Digest256) -> Bool { records[digest] != nil }

    func standing(of digest: Digest256, at now: Timestamp) -> Standing {
        guard let record = records[digest] else { return .unknown }
        if record.usedAt != nil { return .used(record.node) }
        return now < record.expiresAt ? .valid(record.node) : .expired(record.node)
    }

    mutating func insert(_ record: EnrolmentRecord) {
        precondition(records.updateValue(record, forKey: record.tokenDigest) == nil, "a token is enrolled twice")
    }

    /// Uses up a valid token; returns its record as it is now to be stored.
    mutating func use(_ digest: Digest256, at now: Timestamp) -> EnrolmentRecord {
        guard var record = records[digest], record.usedAt == nil else {
            preconditionFailure("only a valid token is used")
        }
        record.usedAt = now
        records[digest] = record
        return record
    }
}
