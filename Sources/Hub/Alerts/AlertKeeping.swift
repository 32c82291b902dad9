internal import Grid

/// The one way of an alert: raised, acknowledged, resolved; stored and told each time.
extension Hub {
    /// Does what samples and silences decided.
    mutating func carryOutAlerts(_ now: Now, _ effects: inout [Effect]) {
        guard !owedAlerts.isEmpty else { return }
        let owed = owedAlerts
        owedAlerts.removeAll(keepingCapacity: true)
        for alert in owed {
            switch alert.turn {
            case .raise: raise(alert, now, &effects)
            case .clear:
                let node = nodes.records[Int(alert.index)].id
                guard let open = alerts.open(node, alert.cause.rawValue) else { continue }
                resolve(open, by: nil, now, &effects)
            }
        }
    }

    private mutating func raise(_ owed: OwedAlert, _ now: Now, _ effects: inout [Effect]) {
        let node = nodes.records[Int(owed.index)].id
        // One that was stored before the coordinator's start is still about the same.
        guard alerts.open(node, owed.cause.rawValue) == nil else { return }
        let content = AlertContent(
            severity: owed.cause.severity, kind: owed.cause.rawValue, node: node, message: owed.message,
            reading: owed.reading)
        let alert = Alert(
            id: AlertID(entropy.nextUUID()), content: content, raised: AlertStep(user: nil, at: now.wall))
        if !raise(alert, now, &effects) {
            // To be tried again once it has lasted as long again.
            nodes.states[Int(owed.index)].watch.set(owed.cause, isRaised: false)
        }
    }

    /// Keeps a new alert and tells of it. False where as many are kept as may be, and none of them is resolved.
    mutating func raise(_ alert: Alert, _ now: Now, _ effects: inout [Effect]) -> Bool {
        while alerts.count >= configuration.alerts.maximumKept {
            guard let forgotten = alerts.forgetOldest() else { return false }
            effects.append(.persist(.alertForgotten(forgotten)))
        }
        alerts.keep(alert)
        effects.append(.persist(.alert(alert)))
        rooms.publish(.alertRaised(alert), facts(alert), now, &effects)
        return true
    }

    /// A new alert is acknowledged.
    mutating func acknowledge(_ alert: Alert, by user: UserID, _ now: Now, _ effects: inout [Effect]) {
        precondition(alert.status == .new, "an alert only ever comes further")
        var alert = alert
        alert.status = .acknowledged
        alert.acknowledged = AlertStep(user: user, at: now.wall)
        update(alert, now, &effects)
    }

    /// An alert that is not resolved is: by a user, or because its cause is gone.
    mutating func resolve(_ alert: Alert, by user: UserID?, _ now: Now, _ effects: inout [Effect]) {
        precondition(alert.isOpen, "an alert that is resolved stays so")
        var alert = alert
        alert.status = .resolved
        alert.resolved = AlertStep(user: user, at: now.wall)
        update(alert, now, &effects)
    }

    private mutating func update(_ alert: Alert, _ now: Now, _ effects: inout [Effect]) {
        alerts.keep(alert)
        effects.append(.persist(.alert(alert)))
        rooms.publish(.alertUpdated(alert), facts(alert), now, &effects)
    }

    /// Whose and where the node is that it is about.
    private func facts(_ alert: Alert) -> EventFacts { facts(about: alert.content.node) }

    /// What filters ask of an event that is about a node and not of it.
    func facts(about node: NodeID?) -> EventFacts {
        var facts = EventFacts()
        guard let node else { return facts }
        facts.node = node
        if let index = nodes.index(of: node) {
            facts.owner = nodes.states[index].facts.owner
            facts.region = nodes.states[index].facts.region
        }
        return facts
    }

    /// At the coordinator's start: nodes' open alerts are not raised again.
    mutating func restoreAlerts() {
        for alert in alerts.records.values where alert.isOpen {
            guard let cause = alert.content.kind.flatMap({ AlertCause(rawValue: $0) }),
                let index = alert.content.node.flatMap({ nodes.index(of: $0) })
            else { continue }
            nodes.states[index].watch.set(cause, isRaised: true)
        }
    }
}
