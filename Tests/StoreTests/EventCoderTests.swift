import Grid
import Testing

@testable import Store

@Suite struct EventCoderTests {
    private func notification(_ content: NotificationContent, key: String? = nil) -> RoomEvent {
        .systemNotification(
            SystemNotification(
                id: UUID128(high: 1, low: 2), content: content, sender: UserID("ana \"the\" admin"), requestKey: key,
                sentAt: Sample.time(9)))
    }

    @Test func whatIsWrittenIsReadBack() {
        for event in [
            notification(NotificationContent(title: "t", message: "m")),
            notification(
                NotificationContent(
                    level: .critical, title: "\u{0}\n\"\\ é 🚀", message: String(repeating: "ü", count: 2000),
                    scheduledTime: Sample.time(-5), estimatedDurationSeconds: .max, affectedServices: ["a", "b \" c"]),
                key: "key"),
        ] {
            let (kind, body) = EventCoder.encode(event)
            #expect(EventCoder.decode(kind: kind, body: body) == event)
        }
    }

    /// Databases out there hold it as it was.
    @Test func theStoredFormStaysAsItIs() {
        let (kind, body) = EventCoder.encode(
            notification(
                NotificationContent(
                    level: .error, title: "t", message: "m", scheduledTime: Sample.time(0),
                    estimatedDurationSeconds: 60,
                    affectedServices: ["s"]), key: "k"))
        #expect(kind == "system_notification")
        #expect(
            body == #"{"id":"00000000-0000-0001-0000-000000000002","level":"error","title":"t","message":"m","#
                + #""scheduled_time":1700000000123,"estimated_duration":60,"affected_services":["s"],"#
                + #""sender":"ana \"the\" admin","request_key":"k","sent_at":1700000009123}"#)
        let later = body.replacing("{\"id\"", with: "{\"added_later\":{\"x\":[1]},\"id\"")
        #expect(EventCoder.decode(kind: kind, body: later) == EventCoder.decode(kind: kind, body: body))
    }

    // MARK: Tasks and money

    private func standing(_ draw: inout Draw) -> JobStanding? {
        draw.maybe {
            JobStanding(percent: Int($0.next() % 101), state: TaskState.allCases.randomElement(using: &$0)!)
        }
    }

    private func anyEvent(_ draw: inout Draw) -> RoomEvent {
        let (task, number, job, owner) = (TaskID(draw.uuid()), draw.next(), draw.text(), UserID(draw.text()))
        switch draw.next() % 7 {
        case 0:
            var event = TaskUpdated(
                kind: TaskUpdated.Kind.allCases.randomElement(using: &draw)!, task: task, number: number, job: job,
                owner: owner, state: TaskState.allCases.randomElement(using: &draw)!,
                previous: draw.maybe { TaskState.allCases.randomElement(using: &$0)! }, node: draw.maybe { $0.node() },
                epoch: draw.next(), updatedAt: draw.time(), currency: draw.currency())
            event.result = draw.maybe { $0.result() }
            event.costMicros = draw.maybe { $0.integer() }
            event.feeMicros = draw.maybe { $0.integer() }
            event.execution = draw.execution()
            event.taskDefinitionID = draw.maybe { $0.integer() }
            event.isIMUA = draw.maybe { $0.flag() }
            event.jobStanding = standing(&draw)
            return .taskUpdated(event)
        case 1:
            var event = TaskAssigned(
                task: task, number: number, job: job, owner: owner, node: draw.node(), epoch: draw.next(),
                priority: Int(draw.next() % 11), assignedAt: draw.time())
            event.model = draw.maybe { $0.text() }
            event.estimatedDurationSeconds = draw.maybe { $0.integer() }
            event.jobStanding = standing(&draw)
            return .taskAssigned(event)
        case 2:
            var progress = ProgressReport(sequence: draw.next(), percent: Int(draw.next() % 101))
            progress.stage = draw.maybe { $0.text() }
            progress.message = draw.maybe { $0.text() }
            progress.etaSeconds = draw.maybe { $0.integer() }
            var event = TaskProgressed(
                task: task, number: number, job: job, node: draw.node(), epoch: draw.next(), progress: progress,
                at: draw.time())
            event.jobStanding = standing(&draw)
            return .taskProgressed(event)
        case 3:
            let balances = draw.list(3) { draw in
                Balance(currency: draw.currency(), availableMicros: draw.integer(), lockedMicros: draw.integer())
            }
            return .balanceUpdated(BalanceUpdated(user: owner, balances: balances, updatedAt: draw.time()))
        case 4:
            let alert = draw.alert()
            return draw.flag() ? .alertRaised(alert) : .alertUpdated(alert)
        case 5: return .predictionMade(draw.prediction())
        default:
            return .paymentConfirmed(
                PaymentConfirmed(
                    transaction: draw.uuid(), user: owner, amountMicros: draw.integer(), currency: draw.currency(),
                    kind: PaymentConfirmed.Kind.allCases.randomElement(using: &draw)!, task: draw.maybe { _ in task },
                    confirmedAt: draw.time()))
        }
    }

    @Test func anyEventIsReadBackAndNoPartOfIt() {
        var draw = Draw(seed: 5)
        for round in 0..<1000 {
            let event = anyEvent(&draw)
            let (kind, body) = EventCoder.encode(event)
            #expect(EventCoder.decode(kind: kind, body: body) == event)
            let later = "{\"added_later\":{\"x\":[1]}," + body.dropFirst()
            #expect(EventCoder.decode(kind: kind, body: later) == event)
            guard round < 50 else { continue }
            for count in 0..<body.utf8.count {
                let part = String(decoding: body.utf8.prefix(count), as: UTF8.self)
                #expect(EventCoder.decode(kind: kind, body: part) == nil)
            }
        }
    }

    /// Databases out there hold them as they were.
    @Test func theStoredFormsOfTasksStayAsTheyAre() {
        let (task, node) = (Sample.taskID(1), Sample.nodeID(1))
        var updated = TaskUpdated(
            kind: .result, task: task, number: 7, job: "job", owner: UserID("ana"), state: .running,
            previous: .assigned, node: node, epoch: 2, updatedAt: Sample.time(0), currency: .usd)
        updated.result = Sample.endedTask(1).result
        updated.costMicros = 10_000
        updated.feeMicros = 5
        updated.taskDefinitionID = 9
        updated.isIMUA = true
        updated.jobEnd = .failed
        var assigned = TaskAssigned(
            task: task, number: 7, job: "job", owner: UserID("ana"), node: node, epoch: 2, priority: 5,
            assignedAt: Sample.time(0))
        assigned.model = "resnet"
        assigned.estimatedDurationSeconds = 60
        var progress = ProgressReport(sequence: 3, percent: 65)
        progress.stage = "train"
        progress.message = "epoch 2"
        progress.etaSeconds = 45
        let ids = #""task":"00000000-0100-4000-bfff-fffffffffffe","number":7,"job":"job""#
        let at = #""node":"00000000-0001-4000-8000-000000000001","epoch":2"#
        let goldens: [(RoomEvent, String, String)] = [
            (
                .taskUpdated(updated), "task_updated",
                #"{"what":"result",\#(ids),"owner":"ana","state":"running","previous":"assigned",\#(at),"#
                    + #""updated_at":1700000000123,"result":{"output":"{\"loss\":0.25}","exit_status":0,"#
                    + #""message":"done","ran_ms":90000,"#
                    + #""digest":"0700000007000000070000000700000007000000070000000700000007000000"},"#
                    + #""cost_micros":10000,"fee_micros":5,"currency":"USD","task_definition_id":9,"is_imua":true,"#
                    + #""job_end":"failed"}"#
            ),
            (
                .taskAssigned(assigned), "task_assigned",
                #"{\#(ids),"owner":"ana",\#(at),"model":"resnet","priority":5,"estimated_duration_seconds":60,"#
                    + #""assigned_at":1700000000123}"#
            ),
            (
                .taskProgressed(
                    TaskProgressed(
                        task: task, number: 7, job: "job", node: node, epoch: 2, progress: progress,
                        at: Sample.time(0))), "task_progressed",
                #"{\#(ids),\#(at),"sequence":3,"percent":65,"stage":"train","message":"epoch 2","eta_seconds":45,"#
                    + #""at":1700000000123}"#
            ),
        ]
        for (event, kind, body) in goldens { expect(event, isStoredAs: kind, body) }
        // What an earlier release stored has no standing; what has one ends with it.
        let standing = #","job_percent":75,"job_state":"running"}"#
        for (event, kind, body) in goldens {
            expect(event.standing(at: 75, .running), isStoredAs: kind, String(body.dropLast()) + standing)
        }
    }

    private func expect(_ event: RoomEvent, isStoredAs kind: String, _ body: String) {
        let encoded = EventCoder.encode(event)
        #expect(encoded.kind == kind)
        #expect(encoded.body == body)
        #expect(EventCoder.decode(kind: kind, body: body) == event)
    }

    @Test func theStoredFormsOfMoneyStayAsTheyAre() {
        let goldens: [(RoomEvent, String, String)] = [
            (
                .balanceUpdated(
                    BalanceUpdated(
                        user: UserID("ana"),
                        balances: [
                            Balance(currency: .neuro, availableMicros: 1, lockedMicros: 0),
                            Balance(currency: .usd, availableMicros: 2, lockedMicros: 3),
                        ], updatedAt: Sample.time(0))), "balance_updated",
                #"{"user":"ana","balances":[{"currency":"NEURO","available_micros":1,"locked_micros":0},"#
                    + #"{"currency":"USD","available_micros":2,"locked_micros":3}],"updated_at":1700000000123}"#
            ),
            (
                .paymentConfirmed(
                    PaymentConfirmed(
                        transaction: UUID128(high: 1, low: 2), user: UserID("ana"), amountMicros: 10_000,
                        currency: .usd, kind: .taskEarning, task: Sample.taskID(1), confirmedAt: Sample.time(0))),
                "payment_confirmed",
                #"{"transaction":"00000000-0000-0001-0000-000000000002","user":"ana","amount_micros":10000,"#
                    + #""currency":"USD","what":"task_earning","task":"00000000-0100-4000-bfff-fffffffffffe","#
                    + #""confirmed_at":1700000000123}"#
            ),
        ]
        for (event, kind, body) in goldens { expect(event, isStoredAs: kind, body) }
    }

    @Test func theStoredFormsOfAlertsAndPredictionsStayAsTheyAre() {
        var alert = Alert(
            id: AlertID(UUID128(high: 1, low: 2)),
            content: AlertContent(
                severity: .critical, kind: "disk", node: Sample.nodeID(1), message: "full",
                reading: AlertReading(valueThousandths: 97_500, thresholdThousandths: 95_000, unit: "%")),
            raised: AlertStep(user: nil, at: Sample.time(0)), requestKey: "k")
        let beginning =
            #""severity":"critical","kind":"disk","node":"00000000-0001-4000-8000-000000000001","message":"full","#
            + #""value":97500,"threshold":95000,"unit":"%","raised":{"at":1700000000123}"#
        let id = #""id":"00000000-0000-0001-0000-000000000002""#
        expect(
            .alertRaised(alert), isStoredAs: "alert_raised",
            #"{\#(id),"status":"new",\#(beginning),"request_key":"k"}"#)
        alert.status = .resolved
        alert.acknowledged = AlertStep(user: UserID("ana"), at: Sample.time(1))
        alert.resolved = AlertStep(user: nil, at: Sample.time(2))
        alert.requestKey = nil
        expect(
            .alertUpdated(alert), isStoredAs: "alert_updated",
            #"{\#(id),"status":"resolved",\#(beginning),"acknowledged":{"user":"ana","at":1700000001123},"#
                + #""resolved":{"at":1700000002123}}"#)
        let content = PredictionContent(
            status: .completed, results: [PredictionResult(label: "drift", confidenceMillionths: 950_000)],
            node: Sample.nodeID(1), model: "m", message: "said")
        expect(
            .predictionMade(
                Prediction(
                    id: UUID128(high: 1, low: 2), content: content, sender: UserID("ana"), requestKey: "k",
                    madeAt: Sample.time(0))), isStoredAs: "prediction_made",
            #"{\#(id),"status":"completed","results":[{"label":"drift","confidence_millionths":950000}],"#
                + #""node":"00000000-0001-4000-8000-000000000001","model":"m","message":"said","sender":"ana","#
                + #""request_key":"k","made_at":1700000000123}"#)
    }

    @Test func whatItDidNotWriteItDoesNotRead() {
        let (kind, body) = EventCoder.encode(notification(NotificationContent(title: "t", message: "m")))
        #expect(EventCoder.decode(kind: "other", body: body) == nil)
        #expect(EventCoder.decode(kind: kind, body: "{}") == nil)
        for count in 0..<body.utf8.count {
            #expect(EventCoder.decode(kind: kind, body: String(body.prefix(count))) == nil)
        }
    }
}

extension RoomEvent {
    /// The same, of a job that stands so.
    fileprivate func standing(at percent: Int, _ state: TaskState) -> RoomEvent {
        let standing = JobStanding(percent: percent, state: state)
        switch self {
        case .taskUpdated(var event):
            event.jobStanding = standing
            return .taskUpdated(event)
        case .taskAssigned(var event):
            event.jobStanding = standing
            return .taskAssigned(event)
        case .taskProgressed(var event):
            event.jobStanding = standing
            return .taskProgressed(event)
        default: return self
        }
    }
}
