internal import Grid
internal import Hub

/// One number for all that the Hub ever asked for, in order. Two processes that live the same seed must come to the
/// same one: what differs depends on the order of a dictionary.
struct EffectDigest {
    private var hash = FNV()

    var value: UInt64 { hash.value }

    mutating func add(_ effect: Effect) {
        if let session = effect.session { hash.add(session.bits) }
        switch effect {
        case .persist(let change), .persistLater(let change): add(change)
        case .publish(let publication):
            add(1, publication.event.position.offset)
            for view in publication.views { hash.add(UInt64(view.index)) }
        case .agentTask(_, let order): add(order)
        case .agentWelcome(_, let welcome): add(2, welcome.epoch)
        case .agentAck(_, let sequence): add(3, sequence)
        case .agentRefused(_, let refusal), .refused(_, let refusal), .joinRefused(_, _, let refusal):
            hash.add(refusal.code.rawValue)
        case .answer(let request, let answer):
            add(4, UInt64(request.number))
            add(answer)
        case .roomJoined(_, _, let position, _): add(5, position.offset)
        case .replay(let replay): add(6, UInt64(replay.events.count))
        case .agentChallenge: hash.add(7 as Int)
        case .agentAdvice: hash.add(8 as Int)
        case .agentFenced: hash.add(9 as Int)
        case .viewChanged: hash.add(10 as Int)
        case .audit(let entry): hash.add(entry.detail)
        case .streamOpened, .streamReplay, .streamLive, .fellBehind, .roomLeft, .roomLimit, .revoked, .apiKeyChanged,
            .returned:
            hash.add(11 as Int)
        }
    }

    private mutating func add(_ kind: Int, _ word: UInt64) {
        hash.add(kind)
        hash.add(word)
    }

    private mutating func add(_ id: UUID128) {
        hash.add(id.high)
        hash.add(id.low)
    }

    private mutating func add(_ change: StoreChange) {
        switch change {
        case .node(let record):
            add(record.id.uuid)
            hash.add(record.sessionEpoch)
        case .enrolment(let record): add(record.node.uuid)
        case .user(let record): hash.add(record.id.text)
        case .revocation: hash.add(20 as Int)
        case .apiKey(let record): add(record.id.uuid)
        case .apiKeyForgotten(let key): add(key.uuid)
        case .alert(let alert):
            add(alert.id.uuid)
            hash.add(alert.status.rawValue)
        case .alertForgotten(let alert): add(alert.uuid)
        case .audit(let entry): hash.add(entry.detail)
        case .event(let event): add(event)
        case .eventsTrimmed(let room, let through): add(Int(room.rawValue), through)
        case .epochBegan(let room, let epoch): add(Int(room.rawValue), epoch)
        case .toldEarly(let room, let isToldEarly): add(Int(room.rawValue), isToldEarly ? 1 : 0)
        case .task(let record): add(record)
        case .taskForgotten(let task): add(task.uuid)
        case .job(let record): hash.add(record.id)
        case .transfer(let transfer):
            add(transfer.id)
            add(21, transfer.number)
            hash.add(transfer.amountMicros)
            hash.add(transfer.kind.rawValue)
        case .trust(let record):
            add(record.node.uuid)
            hash.add(record.quarantine?.rawValue ?? "")
            hash.add(UInt64(record.verifiedResults))
            hash.add(record.detail)
        }
    }

    private mutating func add(_ record: TaskRecord) {
        add(record.id.uuid)
        add(Int(record.state.rawValue), record.epoch)
        hash.add(record.attempts)
        hash.add(record.heldMicros)
        hash.add(record.costMicros ?? -1)
        hash.add(record.updatedAt.milliseconds)
        for lease in record.leases {
            add(lease.node.uuid)
            add(Int(lease.phase.rawValue), lease.gpus)
            hash.add(lease.explanation.winner.total)
            hash.add(lease.ranMilliseconds ?? -1)
        }
        for node in record.excludedNodes { add(node.uuid) }
    }

    private mutating func add(_ event: LoggedEvent) {
        add(Int(event.event.room.rawValue), event.position.offset)
        hash.add(event.position.epoch)
        hash.add(event.at.milliseconds)
        switch event.event {
        case .taskUpdated(let step):
            add(step.task.uuid)
            add(Int(step.state.rawValue), UInt64(step.kind.rawValue))
        case .taskAssigned(let step): add(step.node.uuid)
        case .taskProgressed(let step): add(step.progress.percent, step.progress.sequence)
        case .balanceUpdated(let step):
            hash.add(step.user.text)
            for balance in step.balances {
                hash.add(balance.availableMicros)
                hash.add(balance.lockedMicros)
            }
        case .paymentConfirmed(let step): hash.add(step.amountMicros)
        case .alertRaised(let alert), .alertUpdated(let alert):
            add(alert.id.uuid)
            hash.add(alert.status.rawValue)
        case .predictionMade(let event): add(event.id)
        case .topologyChanged(let change):
            hash.add(change.kind.rawValue)
            for device in change.devices { hash.add(device.id) }
        case .analyticsUpdated(let event):
            add(event.metrics.activeUsers, UInt64(event.metrics.activeNodes))
            add(event.metrics.tasksPerMinute, UInt64(event.alerts.count))
        case .actionExecuted(let action): hash.add(action.kind.rawValue)
        case .nodeRegistered, .nodeStatus, .nodeMetrics, .nodeListed, .nodeCondition, .systemNotification, .lineLogged,
            .connectionChanged, .channelMessage:
            break
        }
    }

    private mutating func add(_ order: TaskOrder) {
        switch order {
        case .assign(let assignment):
            add(assignment.run)
            hash.add(assignment.gpus)
        case .cancel(let run): add(run)
        case .stop(let run, let fault):
            add(run)
            hash.add(fault.rawValue)
        case .settled(let run, let counted):
            add(run)
            hash.add(counted)
        }
    }

    private mutating func add(_ run: RunID) {
        add(run.task.uuid)
        add(run.member, run.epoch)
    }

    private mutating func add(_ answer: Answer) {
        switch answer {
        case .submitted(let tasks): for task in tasks { add(task.record) }
        case .task(let task): if let task { add(task.record) }
        case .refused(let refusal): hash.add(refusal.code.rawValue)
        case .job(let job): if let job { hash.add(job.counts.reduce(0) { $0 * 31 + $1 }) }
        default: hash.add(30 as Int)
        }
    }
}
