public import Grid

extension Hub {
    /// Takes one event and appends what is to be done to the caller's buffer, in order. Dispatch only: each
    /// decision is a file in `On/`.
    public mutating func apply(_ event: HubEvent, now: Now, effects: inout [Effect]) {
        noticePause(now)
        defer {
            scheduleTrim(now)
            scheduleAnalytics(now)
        }
        switch event {
        case .enrolmentRequested(let request, let wish): onEnrolmentRequested(request, wish, now, &effects)
        case .tokenRequested(let request, let user, let permissions):
            onTokenRequested(request, user, permissions, now, &effects)
        case .notificationRequested(let request, let wish): onNotificationRequested(request, wish, now, &effects)
        case .alertRequested(let request, let wish): onAlertRequested(request, wish, now, &effects)
        case .alertStepRequested(let request, let alert, let step, let user):
            onAlertStepRequested(request, alert, step, by: user, now, &effects)
        case .predictionRequested(let request, let wish): onPredictionRequested(request, wish, now, &effects)
        case .linesLogged(let lines): onLinesLogged(lines, now, &effects)
        case .revocationRequested(let request, let subject):
            onRevocationRequested(request, subject, now, &effects)
        case .apiKeyRequested(let request, let wish): onAPIKeyRequested(request, wish, now, &effects)
        case .apiKeyRevocationRequested(let request, let key): onAPIKeyRevocationRequested(request, key, now, &effects)
        case .apiKeyUsed(let key): onAPIKeyUsed(key, now, &effects)
        case .depositRequested(let request, let wish): onDepositRequested(request, wish, now, &effects)
        case .nodeDrainRequested(let request, let node, let drains, let user):
            onNodeDrainRequested(request, node, drains: drains, by: user, now, &effects)
        case .nodeQuarantineRequested(let request, let node, let isQuarantined, let detail, let user):
            onNodeQuarantineRequested(
                request, node, isQuarantined: isQuarantined, detail: detail, by: user, now, &effects)
        case .tasksSubmitted(let request, let wishes): onTasksSubmitted(request, wishes, now, &effects)
        case .taskCancelRequested(let request, let task, let asker):
            onTaskCancelRequested(request, task, asker, now, &effects)
        case .jobCancelRequested(let request, let job, let asker):
            onJobCancelRequested(request, job, asker, now, &effects)
        case .taskFeeSet(let request, let task, let fee, let asker):
            onTaskFeeSet(request, task, feeMicros: fee, asker, now, &effects)
        case .taskExecutionSet(let request, let task, let execution, let state, let asker):
            onTaskExecutionSet(request, task, execution, state: state, asker, now, &effects)
        case .taskReported(let session, let report): onTaskReported(session, report, now, &effects)
        case .runsHeld(let session, let runs): onRunsHeld(session, runs, now, &effects)
        case .agentHello(let session, let greeting): onAgentHello(session, greeting, now, &effects)
        case .agentProved(let session, let introduction): onAgentProved(session, introduction, now, &effects)
        case .agentInventory(let session, let facts): onAgentInventory(session, facts, now, &effects)
        case .samplesTaken(let arrivals): onSamplesTaken(arrivals, now, &effects)
        case .agentHeard(let session): onAgentHeard(session, now, &effects)
        case .agentGone(let session, let goodbye): onAgentGone(session, goodbye: goodbye, now, &effects)
        case .sessionOpened(let session, let subscriber): onSessionOpened(session, subscriber, now, &effects)
        case .joinRequested(let session, let room, let filter, let since):
            onJoinRequested(session, room, filter, since, &effects)
        case .leaveRequested(let session, let room): onLeaveRequested(session, room, &effects)
        case .replayWanted(let session, let room): onReplayWanted(session, room, &effects)
        case .streamRequested(let session, let rooms, let since): onStreamRequested(session, rooms, since, &effects)
        case .streamWanted(let session): onStreamWanted(session, &effects)
        case .sessionClosed(let session, let ending): onSessionClosed(session, ending, now, &effects)
        case .sessionLeft(let session, let positions, let ending):
            onSessionLeft(session, positions, ending, now, &effects)
        case .returnRequested(let session, let former, let rooms, let limit):
            onReturnRequested(Absences.Wish(session: session, rooms: rooms, limit: limit), from: former, &effects)
        case .broadcastRequested(let request, let message): onBroadcastRequested(request, message, now, &effects)
        case .processMeasured(let reading): onProcessMeasured(reading, now, &effects)
        case .query(let request, let query): onQuery(request, query, now, &effects)
        case .timePassed: onTimePassed(now, &effects)
        case .drainStarted: onDrainStarted()
        }
        carryOutTrust(now, &effects)
        carryOutAlerts(now, &effects)
        if isPlacementOwed { placeTasks(now, &effects) }
    }
}
