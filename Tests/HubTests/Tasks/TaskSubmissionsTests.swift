import Grid
import Testing

@testable import Hub

@Suite("Submitting tasks")
struct TaskSubmissionsTests {
    func refusal(
        _ gpu: GPUDemand = .whole(1), user: String = "anna", job: String? = nil, key: String? = nil,
        _ change: (inout TaskSpecification) -> Void
    ) -> Refusal.Code? {
        var scene = Scene()
        scene.admitWorker(1, gpus: 2)
        let effects = scene.submit(scene.wish(1, gpu, user: user, job: job, key: key, change))
        if effects.refusals.isEmpty { return nil }
        #expect(effects.count == 1 && scene.hub.tasks.count == 0, "a refusal is all that comes of it")
        return effects.refusals.first
    }

    @Test("Whatever is out of bounds is refused before anything is held")
    func bounds() {
        func text(_ count: Int) -> String { String(repeating: "x", count: count) }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.gangSize = 0 } == .badRequest)
        #expect(refusal { $0.priority = 11 } == .badRequest)
        #expect(refusal { $0.timeoutSeconds = 0 } == .badRequest)
        #expect(refusal { $0.timeoutSeconds = Limits.taskSeconds + 1 } == .badRequest)
        #expect(refusal { $0.attempts = 0 } == .badRequest)
        #expect(refusal { $0.attempts = Limits.taskAttempts + 1 } == .badRequest)
        #expect(refusal { $0.input = text(Limits.taskInputBytes + 1) } == .badRequest)
        #expect(refusal { $0.runner = text(Limits.runnerNameBytes + 1) } == .badRequest)
        #expect(refusal { $0.model = text(Limits.factBytes + 1) } == .badRequest)
        #expect(refusal { $0.estimatedDurationSeconds = -1 } == .badRequest)
        #expect(refusal { $0.resources.priceCapMicros = nil } == .badRequest)
        #expect(refusal { $0.resources.priceCapMicros = Limits.priceMicros + 1 } == .badRequest)
        #expect(refusal { $0.resources.cpuMilli = -1 } == .badRequest)
        #expect(refusal { $0.resources.region = text(Limits.regionBytes + 1) } == .badRequest)
        #expect(refusal { $0.resources.models = [""] } == .badRequest)
        #expect(refusal { $0.resources.runner = "other" } == .badRequest)
        #expect(refusal { $0.currency = Currency("XYZ")! } == .badRequest)
        #expect(refusal(.whole(0)) { _ in } == .badRequest)
        #expect(refusal(.share(milli: 1000)) { _ in } == .badRequest)
        #expect(refusal(user: "") { _ in } == .badRequest)
        #expect(refusal(job: text(Limits.jobIDBytes + 1)) { _ in } == .badRequest)
        #expect(refusal(key: "") { _ in } == .badRequest)
        func arguments(_ list: [(String, ArgumentValue)]) -> Refusal.Code? {
            refusal { $0.arguments = list.map { TaskArgument(name: $0.0, value: $0.1) } }
        }
        #expect(arguments([("a", .integer(1)), ("b_2", .text("; rm -rf / $(x)"))]) == nil, "text is text")
        #expect(arguments([("b", .integer(1)), ("b", .integer(1))]) == .badRequest)
        #expect(arguments([("A", .integer(1))]) == .badRequest)
        #expect(arguments([("a", .text("\0"))]) == .badRequest)
        #expect(arguments([("a", .text(text(Limits.argumentTextBytes + 1)))]) == .badRequest)
        #expect(arguments((0...Limits.taskArguments).map { (text($0 + 1), .integer(0)) }) == .badRequest)
    }

    @Test("A job's name is the one that it was made with, however its accents are written later")
    func accents() {
        var scene = Scene()
        scene.admitWorker(1, gpus: 2)
        scene.submit(scene.wish(1, job: "caf\u{E9}"))
        let effects = scene.submit(scene.wish(2, job: "cafe\u{301}"))
        for number: UInt64 in [1, 2] {
            #expect(scene.record(number).map { Array($0.job.utf8) } == Array("caf\u{E9}".utf8), "\(number)")
        }
        let jobs = effects.filter { if case .persist(.job) = $0 { true } else { false } }
        #expect(jobs.isEmpty, "the job is there already")
        #expect(scene.hub.tasks.count == 2)
    }

    @Test("What no node offers, none could hold, or nobody can pay is refused by its name")
    func impossible() {
        #expect(refusal { $0.runner = "nobodys" } == .unknownRunner)
        #expect(refusal(.whole(3)) { _ in } == .impossibleRequest)
        #expect(refusal { $0.gangSize = 3 } == .impossibleRequest)
        #expect(refusal { $0.resources.region = "elsewhere" } == .impossibleRequest)
        #expect(refusal { $0.resources.models = ["A10"] } == .impossibleRequest)
        #expect(refusal { $0.resources.vramMebibytes = 90_000 } == .impossibleRequest)
        #expect(refusal { $0.resources.priceCapMicros = 1_000_000 } == .insufficientBalance)
    }

    @Test("A node that is away counts; after a restart its runners may be any until it has come back")
    func absent() {
        var scene = Scene()
        var memory = Memory()
        memory.keep(scene.enrol(.test(1), token: 1))
        memory.keep(scene.prove(1, .test(1), token: 1, specifications: .worker(2)))
        scene.apply(.agentGone(SessionID(bits: 1), goodbye: true))
        #expect(scene.submit(scene.wish(1, .whole(2))).refusals == [])
        #expect(scene.submit(scene.wish(2) { $0.runner = "other" }).refusals == [.unknownRunner])

        var again = Scene(memory.state)
        #expect(again.submit(again.wish(1, .whole(2)) { $0.runner = "other" }).refusals == [])
        #expect(again.submit(again.wish(2, .whole(3))).refusals == [.impossibleRequest])
        again.prove(1, .test(1), token: 1, specifications: .worker(2))
        #expect(again.submit(again.wish(2) { $0.runner = "other" }).refusals == [.unknownRunner])
    }

    @Test("A batch is taken whole or not at all, and answered in order")
    func batch() {
        var scene = Scene()
        scene.admitWorker(1)
        let refused = scene.submit(scene.wish(1), scene.wish(2) { $0.priority = 99 })
        #expect(refused.refusals == [.badRequest] && scene.hub.tasks.count == 0 && refused.count == 1)
        #expect(scene.submit().refusals == [.badRequest])
        #expect(scene.submit(scene.wish(1), scene.wish(1)).refusals == [.badRequest])
        #expect(scene.submit(scene.wish(1, key: "a"), scene.wish(2, key: "a")).refusals == [.badRequest])
        let taken = scene.submit(scene.wish(5, job: "j"), scene.wish(4, job: "j"))
        #expect(
            taken.submitted.map(\.record.number) == [1, 2] && taken.submitted.map(\.record.id) == [.test(5), .test(4)])
        #expect(taken.persisted.count { if case .job = $0 { true } else { false } } == 1)
    }

    @Test(
        "The same key with the same task is the same task, with another one a conflict; another user's key is another")
    func idempotency() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1, key: "k"))
        let again = scene.submit(scene.wish(2, key: "k"))
        #expect(again.submitted.map(\.record.id) == [.test(1)] && again.persisted.isEmpty)
        #expect(scene.submit(scene.wish(3, key: "k") { $0.priority = 1 }).refusals == [.idempotencyConflict])
        #expect(scene.submit(scene.wish(3, job: "j", key: "k")).refusals == [.idempotencyConflict])
        #expect(scene.submit(scene.wish(3, user: "bert", key: "k")).submitted.map(\.record.id) == [.test(3)])
    }

    @Test("A list under a key is the same only with as many tasks: neither a part of it nor a longer one is")
    func idempotentLists() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1, job: "j", key: "k#1"), scene.wish(2, job: "j", key: "k#2"))
        let again = scene.submit(scene.wish(3, job: "j", key: "k#1"), scene.wish(4, job: "j", key: "k#2"))
        #expect(again.submitted.map(\.record.id) == [.test(1), .test(2)] && again.persisted.isEmpty)
        #expect(scene.submit(scene.wish(3, job: "j", key: "k#1")).refusals == [.idempotencyConflict])
        let longer = scene.submit(
            scene.wish(3, job: "j", key: "k#1"), scene.wish(4, job: "j", key: "k#2"),
            scene.wish(5, job: "j", key: "k#3"))
        #expect(longer.refusals == [.idempotencyConflict] && scene.hub.tasks.count == 2)
    }

    @Test("Another's job is forbidden, one's own grows, an unknown one is made")
    func jobs() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1, job: "j"))
        #expect(scene.submit(scene.wish(2, user: "bert", job: "j")).refusals == [.forbidden])
        scene.submit(scene.wish(2, job: "j"))
        let anna = Asker(user: UserID("anna"), isAdmin: false)
        guard case .job(let job?) = scene.ask(.job("j", anna)) else {
            Issue.record("a job was expected")
            return
        }
        #expect(job.tasks == [.test(1), .test(2)] && job.state == .running && job.counts[0] == 1)
        let cancelled = scene.apply(
            .jobCancelRequested(RequestID(session: SessionID(bits: 1), number: 1), "j", anna))
        #expect(cancelled.moves == ["assigned>cancelled", "pending>cancelled"])
        #expect(cancelled.updates.map(\.jobEnd) == [nil, .cancelled])
    }

    @Test("Unfinished tasks are bounded for a user and for all, ended ones are forgotten, the oldest first")
    func limits() {
        var configuration = HubConfiguration()
        configuration.maximumLiveTasks = 3
        configuration.maximumLiveTasksPerUser = 2
        configuration.maximumEndedTasks = 2
        var scene = Scene(configuration: configuration)
        scene.admitWorker(1)
        #expect(scene.submit(scene.wish(1), scene.wish(2), scene.wish(3)).refusals == [.tooManyTasks])
        scene.submit(scene.wish(1, key: "k"), scene.wish(2))
        #expect(scene.submit(scene.wish(3)).refusals == [.tooManyTasks])
        scene.submit(scene.wish(3, user: "bert"))
        #expect(scene.submit(scene.wish(4, user: "carl")).refusals == [.tooManyTasks])
        for number in UInt64(1)...2 { scene.cancel(number) }
        let third = scene.cancel(3)
        guard case .taskForgotten(.test(1)) = third.persisted.last else {
            Issue.record("the first that ended is forgotten")
            return
        }
        #expect(scene.state(1) == nil && scene.hub.tasks.count == 2 && scene.hub.tasks.jobs.names.count == 2)
        #expect(scene.submit(scene.wish(9, key: "k")).submitted.map(\.record.number) == [4], "its key is free")
    }
}
