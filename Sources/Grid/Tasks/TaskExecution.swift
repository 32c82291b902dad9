/// What an outside party has told of an external task's execution and attestation (TriggerX).
///
/// A closed set of fields, each there or not. They are recorded and told, and nothing here is decided by them.
public struct TaskExecution: Hashable, Sendable {
    /// A field; the raw value is its name on the wire and on disk.
    public enum Key: String, Hashable, Sendable, CaseIterable {
        // Of its execution
        case performer = "task_performer_id"
        case executedAt = "execution_timestamp"
        case transaction = "execution_tx_hash"
        case cost = "task_opx_cost"
        case proof = "proof_of_task"
        // Of its attestation
        case attesters = "task_attester_ids"
        case performerSignature = "tp_signature"
        case attesterSignature = "ta_signature"
        case submission = "task_submission_tx_hash"
        case isAccepted = "is_accepted"
        case isSuccessful = "is_successful"

        /// What its value is.
        public var kind: Kind {
            switch self {
            case .performer: .integer
            case .executedAt: .time
            case .transaction, .submission: .text(limit: Limits.executionHashBytes)
            case .cost: .micros
            case .proof: .text(limit: Limits.executionProofBytes)
            case .performerSignature, .attesterSignature: .text(limit: Limits.executionSignatureBytes)
            case .attesters: .integers
            case .isAccepted, .isSuccessful: .truth
            }
        }
    }

    /// A kind of values.
    public enum Kind: Hashable, Sendable {
        /// Not negative.
        case integer
        /// At most ``Limits/executionAttesters``, none negative.
        case integers
        /// 1 to so many bytes, without NUL.
        case text(limit: Int)
        case time
        /// Micro-units, 0 to ``Limits/balanceMicros``.
        case micros
        case truth
    }

    /// A value, of its key's ``Key/kind``.
    public enum Value: Hashable, Sendable {
        case integer(Int64)
        case integers([Int64])
        case text(String)
        case time(Timestamp)
        case micros(Int64)
        case truth(Bool)
    }

    /// One field with its value.
    public struct Field: Hashable, Sendable {
        public let key: Key
        public let value: Value
    }

    /// In the order of ``Key``, each at most once.
    public private(set) var fields: [Field] = []

    public init() {}

    public var isEmpty: Bool { fields.isEmpty }

    /// The field's value; `nil` where nobody has told it. A value that is not of the key's kind is a fault of the
    /// caller.
    public subscript(key: Key) -> Value? {
        get { fields.first { $0.key == key }?.value }
        set {
            precondition(
                newValue.map { Self.fits($0, key.kind) } ?? true, "\(key.rawValue) holds another kind of value")
            let added = newValue.map { [Field(key: key, value: $0)] } ?? []
            fields = Key.allCases.flatMap { other in
                other == key ? added : fields.filter { $0.key == other }
            }
        }
    }

    /// Takes over what another one has. - Returns: the fields that have another value now.
    public mutating func merge(_ other: TaskExecution) -> TaskExecution {
        var changed = TaskExecution()
        for field in other.fields where self[field.key] != field.value {
            self[field.key] = field.value
            changed[field.key] = field.value
        }
        return changed
    }

    /// About how many bytes it takes as a message.
    public var approximateByteCount: Int {
        fields.reduce(0) { sum, field in
            switch field.value {
            case .text(let text): sum + 32 + text.utf8.count
            case .integers(let numbers): sum + 32 + 20 * numbers.count
            case .integer, .time, .micros, .truth: sum + 64
            }
        }
    }

    /// Why the values cannot be taken: the first field that is out of its range; `nil` where all are within.
    public var fault: Key? {
        fields.first { !Self.isInRange($0.value, $0.key.kind) }?.key
    }

    private static func fits(_ value: Value, _ kind: Kind) -> Bool {
        switch (value, kind) {
        case (.integer, .integer), (.integers, .integers), (.text, .text), (.time, .time), (.micros, .micros),
            (.truth, .truth):
            true
        default: false
        }
    }

    private static func isInRange(_ value: Value, _ kind: Kind) -> Bool {
        switch (value, kind) {
        case (.integer(let number), .integer): number >= 0
        case (.integers(let numbers), .integers):
            numbers.count <= Limits.executionAttesters && numbers.allSatisfy { $0 >= 0 }
        case (.text(let text), .text(let limit)): (1...limit).contains(text.utf8.count) && !text.utf8.contains(0)
        case (.micros(let micros), .micros): (0...Limits.balanceMicros).contains(micros)
        case (.time, .time), (.truth, .truth): true
        default: false
        }
    }
}
