internal import Grid

extension Hub {
    /// Somebody raises an alert: kept, then told and answered. A request that is repeated under its key, and one about
    /// what is open already, is answered with the alert that there is.
    mutating func onAlertRequested(
        _ request: RequestID, _ wish: AlertRequest, _ now: Now, _ effects: inout [Effect]
    ) {
        func refuse(_ code: Refusal.Code, _ message: String) {
            effects.append(.answer(request, .refused(Refusal(code, message))))
        }
        guard !isDraining else { return refuse(.unavailable, "The coordinator is stopping") }
        guard wish.content.isWithinLimits, wish.key?.utf8.count ?? 1 <= Limits.idempotencyKeyBytes else {
            return refuse(.badRequest, "A text of the alert is empty or too long")
        }
        if let key = wish.key, let earlier = alerts.find(key, of: wish.sender) {
            guard earlier.content == wish.content else {
                return refuse(.idempotencyConflict, "This Idempotency-Key was used for another alert")
            }
            return effects.append(.answer(request, .alertRaised(earlier)))
        }
        if let kind = wish.content.kind {
            guard AlertCause(rawValue: kind) == nil else {
                return refuse(.badRequest, "Alerts of the kind \(kind) are the coordinator's own")
            }
            if let open = alerts.open(wish.content.node, kind) {
                return effects.append(.answer(request, .alert(open)))
            }
        }
        if let node = wish.content.node, nodes.registered(node) == nil {
            return refuse(.badRequest, "There is no node \(node)")
        }
        let alert = Alert(
            id: wish.id, content: wish.content, raised: AlertStep(user: wish.sender, at: now.wall),
            requestKey: wish.key)
        guard alerts[wish.id] == nil, raise(alert, now, &effects) else {
            return refuse(.unavailable, "As many alerts are open as may be")
        }
        account(
            AuditEntry(
                at: now.wall, kind: .alertRaised, node: wish.content.node, user: wish.sender,
                detail: wish.id.description), now, &effects)
        effects.append(.answer(request, .alertRaised(alert)))
    }
}
