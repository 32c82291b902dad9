internal import Grid

extension Hub {
    /// The samples of one loop turn: counted, scored, kept as the latest of their nodes, told to those who look,
    /// acknowledged. Nothing is allocated for a sample that nobody views.
    mutating func onSamplesTaken(_ arrivals: [SampleArrival], _ now: Now, _ effects: inout [Effect]) {
        for position in arrivals.indices {
            let session = arrivals[position].session
            guard let index = agents.node(of: session) else {
                spokeOutOfTurn(session, now, &effects)
                continue
            }
            heard(index, now, &effects)
            if nodes.states[index].window.note() { unacknowledged.append(Int32(index)) }
            let isNewest = nodes.states[index].take(
                arrivals[position].sample, configuration.lateAfterMilliseconds, now,
                received: arrivals[position].receivedNanoseconds)
            if isNewest {
                noteImplausible(index)
                offerHealth(of: index)
                watchReadings(index, now)
                tellReading(index, now, &effects)
                tellCondition(index, now, &effects)
            }
        }
        for index in unacknowledged { acknowledge(Int(index), now, &effects) }
        unacknowledged.removeAll(keepingCapacity: true)
    }

    private mutating func tellReading(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        var views = rooms.viewing(.nodes, .readings, nodes.states[index].facts)
        if !views.isEmpty,
            !nodes.states[index].telling.admit(
                now: now.monotonicNanoseconds, every: configuration.nodesEveryNanoseconds)
        {
            // The next one will do. What nobody was to be told is nobody's loss: the log has no gap here.
            views = rooms.views.unlimited(among: views)
        }
        guard !views.isEmpty, let sample = nodes.states[index].latest else { return }
        let metrics = NodeMetrics(
            node: nodes.records[index].id, sample: sample, gpus: nodes.records[index].specifications?.gpus ?? [],
            health: nodes.states[index].health(now: now.monotonicNanoseconds),
            hops: SampleHops(receivedNanoseconds: nodes.states[index].latestReceived, now: now))
        rooms.publish(.nodeMetrics(metrics), nodes.states[index].facts, to: views, now, &effects)
    }

    /// Tells that the node's health has crossed the line that EyeNet draws, if it has.
    private mutating func tellCondition(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        let condition = DeviceCondition(nodes.states[index].status, score: nodes.states[index].score.score)
        guard condition != nodes.states[index].condition else { return }
        nodes.states[index].condition = condition
        let event = NodeConditionChanged(
            node: nodes.records[index].id, condition: condition,
            uptimeSeconds: nodes.states[index].latest?.host.uptimeSeconds,
            lastSampleAt: nodes.states[index].lastSampleAt(now))
        rooms.announce(.nodeCondition(event), nodes.states[index].facts, now, &effects)
    }

    /// Acknowledges what waits, or sees to it that the window's end does.
    mutating func acknowledge(_ index: Int, _ now: Now, _ effects: inout [Effect]) {
        guard nodes.states[index].window.isPending, let session = nodes.states[index].session else { return }
        let end = nodes.states[index].window.endsAt
        guard now.monotonicNanoseconds >= end else { return windows.insert(index, at: end) }
        let rate = nodes.states[index].window.acknowledge(
            now: now.monotonicNanoseconds, every: configuration.acknowledgeEveryNanoseconds)
        effects.append(.agentAck(session, sequence: nodes.states[index].stream.last))
        if configuration.maximumSamplesPerSecond > 0, rate > configuration.maximumSamplesPerSecond {
            effects.append(
                .agentAdvice(session, intervalMilliseconds: configuration.sampleIntervalMilliseconds))
        }
    }
}

extension NodeState {
    /// Takes in one sample. True if it is the node's newest current one, to be told to those who look; a late
    /// one and one that came before only count.
    ///
    /// - Parameter received: when it came off its socket, in monotonic nanoseconds; 0: now.
    mutating func take(
        _ sample: NodeSample, _ lateAfterMilliseconds: Int64, _ now: Now, received: UInt64 = 0
    ) -> Bool {
        switch stream.accept(sample.sequence) {
        case .next: break
        case .duplicate:
            gaps.duplicateSamples += 1
            return false
        case .gap(let missing):
            gaps.gapCount += 1
            gaps.missingSamples = gaps.missingSamples.addingSaturated(missing)
            gaps.lastGapAt = now.wall
        }
        gaps.receivedSamples += 1
        let (lag, overflow) = now.wall.milliseconds.subtractingReportingOverflow(sample.takenAt.milliseconds)
        let isLate = clock.isLate(
            lag: overflow ? .max : lag, threshold: lateAfterMilliseconds, now: now.monotonicNanoseconds)
        if isLate {
            gaps.lateSamples += 1
            return false
        }
        window.count()
        let second = HealthSignals.second(now.monotonicNanoseconds)
        signals.read(sample, second: second)
        plausibility.read(sample, second: second)
        score = HealthScore.of(signals, second: second)
        if sample.detail != nil { latestDetail = sample.detail }
        latest = sample
        latestReceived = received == 0 ? now.monotonicNanoseconds : received
        return true
    }
}

extension UInt64 {
    /// The sum, or the largest value where it is too large.
    fileprivate func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
