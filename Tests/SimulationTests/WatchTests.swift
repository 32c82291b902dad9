import Grid
import Testing

@testable import Hub
@testable import neurogrid_simulate

/// The rules are the simulator's worth: each must find what it is for.
@Suite("The simulator's rules")
struct WatchTests {
    private let session = SessionID(bits: Link.sessionBase)
    private let node = NodeID(UUID128(high: 2, low: 2))

    private func task(_ state: TaskState, held: Int64 = 0, change: (inout TaskRecord) -> Void = { _ in }) -> TaskRecord
    {
        var resources = ResourceRequest(gpu: .whole(1))
        resources.priceCapMicros = 3600
        var record = TaskRecord(
            id: .example, number: 1, job: "j", owner: UserID("u"),
            specification: TaskSpecification(runner: "work", resources: resources, timeoutSeconds: 1),
            createdAt: Timestamp(milliseconds: 0))
        record.state = state
        record.heldMicros = held
        change(&record)
        return record
    }

    private func transfer(
        _ number: UInt64, _ kind: LedgerTransfer.Kind, _ from: LedgerAccount, _ to: LedgerAccount, _ micros: Int64,
        task: TaskID? = .example, key: String? = nil
    ) -> Effect {
        .persist(
            .transfer(
                LedgerTransfer(
                    number: number, id: UUID128(high: 9, low: number), at: Timestamp(milliseconds: 0), kind: kind,
                    debit: from, credit: to, currency: .usd, amountMicros: micros, task: task, key: key)))
    }

    private func event(_ offset: UInt64, _ event: RoomEvent) -> Effect {
        .persist(
            .event(
                LoggedEvent(
                    position: LogPosition(epoch: 1, offset: offset), at: Timestamp(milliseconds: 0),
                    facts: EventFacts(), event: event)))
    }

    private let user = UserID("u")
    private var deposit: Effect { transfer(1, .deposit, .world, .available(user), 1000, task: nil, key: "k") }
    private var creation: [Effect] {
        [
            transfer(2, .hold, .available(user), .held(user), 1), .persist(.task(task(.pending, held: 1))),
            event(1, .taskUpdated(.example(.pending, previous: nil, kind: .created))),
        ]
    }

    /// The codes of all that the rules find in these applies.
    private func findings(_ applies: [[Effect]]) -> [String] {
        var watch = Watch(configuration: HubConfiguration())
        var found: [String] = []
        for effects in applies {
            watch.after(.timePassed, effects, now: 0)
            if let violation = watch.takeViolation() { found.append(violation.0) }
        }
        return found
    }

    @Test("A sound life breaks no rule")
    func sound() {
        let cancelled: [Effect] = [
            transfer(3, .release, .held(user), .available(user), 1), .persist(.task(task(.cancelled))),
            event(2, .taskUpdated(.example(.cancelled, previous: .pending))),
        ]
        #expect(findings([[deposit], creation, cancelled]).isEmpty)
    }

    @Test(
        "Each fault is found under its rule's name",
        arguments: ["L2", "L3", "L4", "L5", "L6", "T1", "T2", "T5", "T6", "T6 offset"])
    func faults(code: String) {
        let cancelledEvent = event(2, .taskUpdated(.example(.cancelled, previous: .pending)))
        let release = transfer(3, .release, .held(user), .available(user), 1)
        let end: [Effect] = [release, .persist(.task(task(.cancelled))), cancelledEvent]
        let last: [[Effect]] =
            switch code {
            case "L2": [[transfer(2, .hold, .available(user), .held(user), 1001)]]
            case "L3": [[transfer(2, .hold, .available(user), .held(user), 9)] + creation.dropFirst()]
            case "L4": [[transfer(2, .deposit, .world, .available(user), 5, task: nil, key: "k")]]
            case "L5": [[transfer(3, .deposit, .world, .available(user), 5, task: nil)]]
            case "L6": [creation, [.persist(.task(task(.cancelled))), cancelledEvent]]
            case "T1": [Array(creation.prefix(1)) + [.persist(.task(task(.pending, held: 1) { $0.number = 3 }))]]
            case "T2":
                [
                    creation,
                    [
                        .persist(.task(task(.assigned, held: 1) { $0.epoch = 1 })),
                        event(2, .taskUpdated(.example(.assigned, previous: .pending))),
                    ],
                ]
            case "T5":
                [
                    creation, end,
                    [
                        .persist(.task(task(.pending))),
                        event(3, .taskUpdated(.example(.pending, previous: .cancelled))),
                    ],
                ]
            case "T6": [creation, [release, .persist(.task(task(.cancelled)))]]
            default: [creation, [event(3, .taskUpdated(.example(.pending, previous: nil, kind: .fee)))]]
            }
        #expect(findings([[deposit]] + last).first == String(code.prefix(2)))
    }

    @Test("Progress that falls within an epoch is found; a report of another session counts for nothing")
    func reports() {
        var watch = Watch(configuration: HubConfiguration())
        watch.machines[node] = Watch.Machine(
            index: 0, gpuCount: 1, cpuMilli: 8000, memoryMebibytes: 8000, isHonest: true)
        let welcome = AgentWelcome(
            node: node, session: UUID128(high: 0, low: 0), epoch: 1, intervalMilliseconds: 1000, acked: 0)
        watch.after(.timePassed, [.agentWelcome(session, welcome), deposit] + creation, now: 0)
        let assigned = task(.assigned, held: 1) { record in
            record.epoch = 1
            record.leases = [
                TaskLease(
                    member: 0, node: node, gpus: 1, milliPerGPU: 1000, billableMilli: 1000, pricePerHourMicros: 1,
                    explanation: PlacementExplanation(
                        winner: CostTerms(price: 1, hazard: 0, fragmentation: 0), runnerUp: nil, runnerUpTerms: nil,
                        isBackfill: false))
            ]
        }
        watch.after(
            .timePassed,
            [.persist(.task(assigned)), event(2, .taskUpdated(.example(.assigned, previous: .pending)))], now: 0)
        #expect(watch.takeViolation() == nil)
        let report = TaskReport(run: RunID(task: .example, epoch: 1, member: 0), body: .started)
        watch.before(.taskReported(session, report))
        guard case .current = watch.standing else { return #expect(Bool(false)) }
        watch.before(.taskReported(SessionID(bits: 77), report))
        guard case .stale = watch.standing else { return #expect(Bool(false)) }
        for (offset, percent) in [(3, 40), (4, 30)] {
            let progress = TaskProgressed(
                task: .example, number: 1, job: "j", node: node, epoch: 1,
                progress: ProgressReport(sequence: UInt64(offset), percent: percent), at: Timestamp(milliseconds: 0))
            watch.before(.taskReported(session, report))
            watch.after(.timePassed, [event(UInt64(offset), .taskProgressed(progress))], now: 0)
        }
        #expect(watch.takeViolation()?.0 == "T4")
    }
}
