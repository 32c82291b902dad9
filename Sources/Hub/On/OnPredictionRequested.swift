internal import Grid

extension Hub {
    /// Somebody tells of a prediction: kept in its room's log, then told and answered. A request that is repeated under
    /// its key is answered as it was the first time, and told once.
    mutating func onPredictionRequested(
        _ request: RequestID, _ wish: PredictionRequest, _ now: Now, _ effects: inout [Effect]
    ) {
        func refuse(_ code: Refusal.Code, _ message: String) {
            effects.append(.answer(request, .refused(Refusal(code, message))))
        }
        guard !isDraining else { return refuse(.unavailable, "The coordinator is stopping") }
        guard wish.content.isWithinLimits, wish.key?.utf8.count ?? 1 <= Limits.idempotencyKeyBytes else {
            return refuse(.badRequest, "A text or a number of the prediction is out of its range")
        }
        let log = rooms.log(.predictions)
        if let key = wish.key, let earlier = predictionKeys.find(key, of: wish.sender, in: log),
            case .predictionMade(let prediction) = earlier.event
        {
            guard prediction.content == wish.content else {
                return refuse(.idempotencyConflict, "This Idempotency-Key was used for another prediction")
            }
            return effects.append(.answer(request, .predicted(prediction.id, earlier.position)))
        }
        if let node = wish.content.node, nodes.registered(node) == nil {
            return refuse(.badRequest, "There is no node \(node)")
        }
        account(
            AuditEntry(
                at: now.wall, kind: .predictionMade, node: wish.content.node, user: wish.sender,
                detail: wish.id.description), now, &effects)
        let prediction = Prediction(
            id: wish.id, content: wish.content, sender: wish.sender, requestKey: wish.key, madeAt: now.wall)
        rooms.publish(.predictionMade(prediction), facts(about: wish.content.node), now, &effects)
        let position = rooms.log(.predictions).end
        if let key = wish.key {
            predictionKeys.remember(key, of: wish.sender, at: position.offset, in: rooms.log(.predictions))
        }
        effects.append(.answer(request, .predicted(wish.id, position)))
    }
}
