internal import Grid

extension Hub {
    /// An administrator has something to say to everybody: kept, then told and answered. A request that is repeated
    /// under its key is answered as it was the first time, and told once.
    mutating func onNotificationRequested(
        _ request: RequestID, _ wish: NotificationRequest, _ now: Now, _ effects: inout [Effect]
    ) {
        func refuse(_ code: Refusal.Code, _ message: String) {
            effects.append(.answer(request, .refused(Refusal(code, message))))
        }
        guard !isDraining else { return refuse(.unavailable, "The coordinator is stopping") }
        guard wish.content.isWithinLimits, wish.key?.utf8.count ?? 1 <= Limits.idempotencyKeyBytes else {
            return refuse(.badRequest, "A text of the notification is empty or too long")
        }
        if let key = wish.key, let earlier = notificationKeys.find(key, of: wish.sender, in: rooms.log(.general)),
            case .systemNotification(let notification) = earlier.event
        {
            guard notification.content == wish.content else {
                return refuse(.idempotencyConflict, "This Idempotency-Key was used for another notification")
            }
            effects.append(.answer(request, .notified(notification.id, earlier.position)))
            return
        }
        account(
            AuditEntry(at: now.wall, kind: .notificationSent, user: wish.sender, detail: wish.id.description), now,
            &effects)
        let notification = SystemNotification(
            id: wish.id, content: wish.content, sender: wish.sender, requestKey: wish.key, sentAt: now.wall)
        rooms.publish(.systemNotification(notification), EventFacts(), now, &effects)
        let position = rooms.log(.general).end
        if let key = wish.key {
            notificationKeys.remember(key, of: wish.sender, at: position.offset, in: rooms.log(.general))
        }
        effects.append(.answer(request, .notified(wish.id, position)))
    }
}
