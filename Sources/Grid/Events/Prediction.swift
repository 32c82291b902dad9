/// What a model made of something: one label and how sure it is.
public struct PredictionResult: Hashable, Sendable {
    /// 1 to ``Limits/predictionLabelBytes`` bytes.
    public var label: String
    /// 0 to 1,000,000.
    public var confidenceMillionths: Int64

    public init(label: String, confidenceMillionths: Int64) {
        self.label = label
        self.confidenceMillionths = confidenceMillionths
    }
}

/// How a prediction ended. The raw value is the name on the wire.
public enum PredictionStatus: String, Hashable, Sendable, CaseIterable {
    case completed, failed

    /// The name on the wire.
    public var name: String { rawValue }
}

/// What somebody who predicts has to say.
public struct PredictionContent: Hashable, Sendable {
    public var status: PredictionStatus
    /// At most ``Limits/predictionResults``; none where it failed.
    public var results: [PredictionResult]
    /// The node that it is about; `nil` where it is about none.
    public var node: NodeID?
    /// The model's name, at most ``Limits/predictionLabelBytes`` bytes.
    public var model: String?
    /// A sentence for people, as why it failed; at most ``Limits/alertMessageBytes`` bytes.
    public var message: String?

    public init(
        status: PredictionStatus, results: [PredictionResult], node: NodeID? = nil, model: String? = nil,
        message: String? = nil
    ) {
        self.status = status
        self.results = results
        self.node = node
        self.model = model
        self.message = message
    }

    /// Whether every text and number is in its range.
    public var isWithinLimits: Bool {
        results.count <= Limits.predictionResults && (status == .completed || results.isEmpty)
            && results.allSatisfy { result in
                (1...Limits.predictionLabelBytes).contains(result.label.utf8.count)
                    && (0...1_000_000).contains(result.confidenceMillionths)
            }
            && (model.map { (1...Limits.predictionLabelBytes).contains($0.utf8.count) } ?? true)
            && (message.map { (1...Limits.alertMessageBytes).contains($0.utf8.count) } ?? true)
    }
}

/// A prediction that was made, as it stands in the log of `predictions`.
public struct Prediction: Hashable, Sendable {
    /// EyeNet's `jobId` (EVENTS 31).
    public var id: UUID128
    public var content: PredictionContent
    /// Who told the coordinator; kept, not told.
    public var sender: UserID
    /// What the sender named the request, so that repeating it says nothing twice; kept, not told.
    public var requestKey: String?
    public var madeAt: Timestamp

    public init(
        id: UUID128, content: PredictionContent, sender: UserID, requestKey: String? = nil, madeAt: Timestamp
    ) {
        self.id = id
        self.content = content
        self.sender = sender
        self.requestKey = requestKey
        self.madeAt = madeAt
    }
}
