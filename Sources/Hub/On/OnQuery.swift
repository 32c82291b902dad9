internal import Grid

extension Hub {
    /// A question about the present state: answered, and nothing changes.
    func onQuery(_ request: RequestID, _ query: Query, _ now: Now, _ effects: inout [Effect]) {
        switch query {
        case .nodes(let limit, let after): effects.append(.answer(request, page(limit, after, now)))
        case .node(let node):
            let index = nodes.registered(node)
            effects.append(.answer(request, .node(index.map { summary($0, now) })))
        case .tasks(let filter, let limit, let before, let asker):
            effects.append(.answer(request, taskPage(filter, limit, before, asker)))
        case .task(let reference, let asker):
            effects.append(.answer(request, .task(task(reference, for: asker).map { summary($0) })))
        case .taskLog(let reference, let from, let asker):
            effects.append(.answer(request, .taskLog(log(reference, from: from, asker))))
        case .jobs(let limit, let after, let asker):
            effects.append(.answer(request, jobPage(limit, after, asker)))
        case .job(let name, let asker):
            effects.append(.answer(request, .job(job(name, for: asker).map { summary(job: $0) })))
        case .balances(let user, let asker): effects.append(.answer(request, balances(of: user, for: asker)))
        case .trust: effects.append(.answer(request, .trust(trust.suspects)))
        case .apiKeys(let owner): effects.append(.answer(request, .apiKeys(apiKeys.records(of: owner))))
        case .alerts(let filter, let limit, let before):
            effects.append(.answer(request, alertPage(filter, limit, before)))
        case .alert(let id): effects.append(.answer(request, .alert(alerts[id])))
        case .topology(let limit, let after):
            effects.append(.answer(request, topologyPage(Self.limit(limit), after)))
        case .analytics: effects.append(.answer(request, .analytics(analyticsNow(now))))
        }
    }

    /// Summaries in one answer.
    private static let pageNodes = 1...1000

    private static func limit(_ asked: Int) -> Int { min(max(asked, pageNodes.lowerBound), pageNodes.upperBound) }

    private func alertPage(_ filter: AlertFilter, _ limit: Int, _ before: AlertCursor?) -> Answer {
        let page = alerts.page(filter, limit: Self.limit(limit), before: before)
        return .alerts(page.alerts, next: page.isLast ? nil : page.alerts.last.map { AlertCursor($0) })
    }

    private func page(_ limit: Int, _ after: NodeID?, _ now: Now) -> Answer {
        let page = nodes.page(limit: Self.limit(limit), after: after)
        let next = page.isLast ? nil : page.indices.last.map { nodes.records[$0].id }
        return .nodes(page.indices.map { summary($0, now) }, next: next)
    }

    func summary(_ index: Int, _ now: Now) -> NodeSummary {
        var summary = nodes.states[index].summary(nodes.records[index], now: now.monotonicNanoseconds)
        summary.currentTask = currentTask(index)
        return summary
    }

    /// What others have is told to administrators only; to everybody else it is as if they did not exist.
    private func balances(of user: UserID, for asker: Asker) -> Answer {
        guard asker.isAdmin || asker.user == user else { return .refused(Refusal(.notFound, "There is no such user")) }
        return .balances(user, ledger.balances(of: user))
    }

    /// The least score that does not count as degraded.
    private static let healthyScore = 60

    /// How much of everything there is; one look at each node.
    public var counts: HubCounts {
        var counts = HubCounts()
        counts.enrolledNodes = nodes.count
        counts.agentSessions = agents.count
        counts.subscribers = rooms.sessionCount - absences.count
        counts.views = rooms.views.count
        counts.results = results
        for index in nodes.states.indices where nodes.records[index].registeredAt != nil {
            counts.registeredNodes += 1
            switch nodes.states[index].status {
            case .online: counts.onlineNodes += 1
            case .busy: counts.busyNodes += 1
            case .draining: counts.drainingNodes += 1
            case .offline: counts.offlineNodes += 1
            }
            switch nodes.states[index].presence == .present ? nodes.states[index].score.score : nil {
            case nil: counts.unratedNodes += 1
            case let score? where score < Self.healthyScore: counts.degradedNodes += 1
            case _?: counts.healthyNodes += 1
            }
            counts.gaps.add(nodes.states[index].gaps)
        }
        return counts
    }
}

extension SampleGaps {
    /// Sums wrap rather than trap: a node may claim to miss any number.
    fileprivate mutating func add(_ other: SampleGaps) {
        receivedSamples &+= other.receivedSamples
        gapCount &+= other.gapCount
        missingSamples &+= other.missingSamples
        duplicateSamples &+= other.duplicateSamples
        lateSamples &+= other.lateSamples
        lastGapAt = [lastGapAt, other.lastGapAt].compactMap { $0 }.max()
    }
}
