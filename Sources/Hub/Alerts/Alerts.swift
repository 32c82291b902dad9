internal import Grid

/// The alerts that are kept, and what finds them.
struct Alerts: Sendable {
    private struct Subject: Hashable, Sendable {
        var node: NodeID?
        var kind: String
    }

    private struct Name: Hashable, Sendable {
        var user: UserID
        var key: String
    }

    private(set) var records: [AlertID: Alert] = [:]
    /// In the order in which they were raised.
    private var ordered: [AlertCursor] = []
    /// Of each node and kind the one that is not resolved.
    private var open: [Subject: AlertID] = [:]
    /// What users named their requests.
    private var names: [Name: AlertID] = [:]
    /// Those that were resolved since ``takeResolved()``, oldest first.
    private var resolved: [AlertID] = []

    init(_ stored: [Alert]) {
        for alert in stored { keep(alert) }
    }

    var count: Int { records.count }

    subscript(_ id: AlertID) -> Alert? { records[id] }

    /// The alert of that kind about that node that is not resolved.
    func open(_ node: NodeID?, _ kind: String) -> Alert? {
        open[Subject(node: node, kind: kind)].flatMap { records[$0] }
    }

    /// What came of the request of that name.
    func find(_ key: String, of user: UserID) -> Alert? { names[Name(user: user, key: key)].flatMap { records[$0] } }

    /// Keeps an alert, or what has become of it.
    mutating func keep(_ alert: Alert) {
        let former = records.updateValue(alert, forKey: alert.id)
        if former == nil {
            let cursor = AlertCursor(alert)
            ordered.insert(cursor, at: ordered.partitionPoint { $0 < cursor })
            if let user = alert.raised.user, let key = alert.requestKey { names[Name(user: user, key: key)] = alert.id }
        }
        if let kind = alert.content.kind {
            let subject = Subject(node: alert.content.node, kind: kind)
            if alert.isOpen {
                open[subject] = alert.id
            } else if open[subject] == alert.id {
                open[subject] = nil
            }
        }
        if former?.isOpen == true, !alert.isOpen {
            resolved.append(alert.id)
            if resolved.count > Limits.analyticsAlerts { resolved.removeFirst() }
        }
    }

    /// Lets go of the oldest resolved alert; `nil` where there is none.
    mutating func forgetOldest() -> AlertID? {
        guard let place = ordered.firstIndex(where: { records[$0.id]?.isOpen == false }),
            let gone = records.removeValue(forKey: ordered.remove(at: place).id)
        else { return nil }
        if let user = gone.raised.user, let key = gone.requestKey { names[Name(user: user, key: key)] = nil }
        return gone.id
    }

    // MARK: Lists

    /// Alerts that the filter lets through, newest first, at most `limit`, behind `before`; and whether more follow.
    func page(_ filter: AlertFilter, limit: Int, before: AlertCursor?) -> (alerts: [Alert], isLast: Bool) {
        var found: [Alert] = []
        var place = before.map { cursor in ordered.partitionPoint { $0 < cursor } } ?? ordered.count
        while place > 0 {
            place -= 1
            guard let alert = records[ordered[place].id], filter.matches(alert) else { continue }
            if found.count == limit { return (found, false) }
            found.append(alert)
        }
        return (found, true)
    }

    /// Those that are not resolved, and those that were since ``takeResolved()``; the last changed first.
    var current: [Alert] {
        let open = records.values.filter(\.isOpen) + resolved.compactMap { records[$0] }
        let sorted = open.sorted { left, right in
            let (first, second) = (left.updated.at.milliseconds, right.updated.at.milliseconds)
            return first == second ? left.id < right.id : first > second
        }
        return Array(sorted.prefix(Limits.analyticsAlerts))
    }

    /// From now on those that were resolved so far are over.
    mutating func takeResolved() { resolved.removeAll(keepingCapacity: true) }
}

extension AlertFilter {
    /// Whether the alert is asked for.
    func matches(_ alert: Alert) -> Bool {
        (statuses.isEmpty || statuses.contains(alert.status))
            && (severities.isEmpty || severities.contains(alert.content.severity))
            && (node == nil || node == alert.content.node) && (kind == nil || kind == alert.content.kind)
    }
}
