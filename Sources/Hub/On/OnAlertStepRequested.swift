internal import Grid

extension Hub {
    /// An operator acknowledges or resolves an alert; to do it again changes nothing. Answered with the alert as it
    /// stands then.
    mutating func onAlertStepRequested(
        _ request: RequestID, _ id: AlertID, _ step: AlertWish, by user: UserID, _ now: Now,
        _ effects: inout [Effect]
    ) {
        guard let alert = alerts[id] else { return effects.append(.answer(request, .alert(nil))) }
        switch (step, alert.status) {
        case (.acknowledge, .new):
            acknowledge(alert, by: user, now, &effects)
            account(alert, .alertAcknowledged, by: user, now, &effects)
        case (.resolve, .new), (.resolve, .acknowledged):
            resolve(alert, by: user, now, &effects)
            account(alert, .alertResolved, by: user, now, &effects)
        case (.acknowledge, .resolved):
            let refusal = Refusal(.alertResolved, "The alert is resolved and stays so")
            return effects.append(.answer(request, .refused(refusal)))
        case (.acknowledge, .acknowledged), (.resolve, .resolved): break
        }
        effects.append(.answer(request, .alert(alerts[id])))
    }

    private mutating func account(
        _ alert: Alert, _ kind: AuditEntry.Kind, by user: UserID, _ now: Now, _ effects: inout [Effect]
    ) {
        account(
            AuditEntry(at: now.wall, kind: kind, node: alert.content.node, user: user, detail: alert.id.description),
            now, &effects)
    }
}
