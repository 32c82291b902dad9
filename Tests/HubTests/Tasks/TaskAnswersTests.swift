import Grid
import Testing

@testable import Hub

@Suite("Tasks as they are shown")
struct TaskAnswersTests {
    let anna = Asker(user: UserID("anna"), isAdmin: false)
    let bert = Asker(user: UserID("bert"), isAdmin: false)

    func page(
        _ scene: inout Scene, _ asker: Asker, limit: Int = 10, before: UInt64? = nil, _ filter: TaskFilter = .init()
    )
        -> (numbers: [UInt64], next: UInt64?)
    {
        guard case .tasks(let tasks, let next) = scene.ask(.tasks(filter, limit: limit, before: before, asker)) else {
            return ([], nil)
        }
        return (tasks.map(\.record.number), next)
    }

    @Test("Lists show one's own, newest first, page by page; administrators see all")
    func lists() {
        var scene = Scene()
        scene.admitWorker(1)
        for number in UInt64(1)...5 { scene.submit(scene.wish(number, user: number % 2 == 1 ? "anna" : "bert")) }
        #expect(page(&scene, anna).numbers == [5, 3, 1] && page(&scene, bert).numbers == [4, 2])
        #expect(page(&scene, Scene.boss).numbers == [5, 4, 3, 2, 1])
        let first = page(&scene, Scene.boss, limit: 2)
        #expect(first.numbers == [5, 4] && first.next == 4)
        let rest = page(&scene, Scene.boss, limit: 3, before: first.next)
        #expect(rest.numbers == [3, 2, 1] && rest.next == nil)
        var filter = TaskFilter()
        filter.owner = UserID("bert")
        #expect(page(&scene, Scene.boss, filter).numbers == [4, 2] && page(&scene, anna, filter).numbers == [])
        filter = TaskFilter()
        filter.states = [.assigned]
        #expect(page(&scene, Scene.boss, filter).numbers == [1])
        filter = TaskFilter()
        filter.node = .test(1)
        #expect(page(&scene, anna, filter).numbers == [1] && page(&scene, bert, filter).numbers == [])
        filter = TaskFilter()
        filter.job = TaskID.test(2).description
        #expect(page(&scene, bert, filter).numbers == [2] && page(&scene, anna, filter).numbers == [])
        guard case .jobs(let jobs, let next) = scene.ask(.jobs(limit: 2, after: nil, Scene.boss)) else { return }
        #expect(jobs.map(\.record.id) == [TaskID.test(1), .test(2)].map(\.description) && next == jobs.last?.record.id)
        guard case .jobs(let own, nil) = scene.ask(.jobs(limit: 9, after: jobs[0].record.id, anna)) else { return }
        #expect(own.map(\.record.id) == [TaskID.test(3), .test(5)].map(\.description))
    }

    @Test("A page ends where it has become long, whatever was asked for; the rest follows")
    func longTasks() {
        var scene = Scene()
        scene.admitWorker(1)
        let input = "\"" + String(repeating: "x", count: Limits.taskInputBytes - 2) + "\""
        for number in UInt64(1)...40 { scene.submit(scene.wish(number) { $0.input = input }) }
        var (numbers, next) = page(&scene, anna, limit: 1000)
        #expect(numbers.count == Limits.pageBytes / Limits.taskInputBytes)
        while let before = next {
            let rest = page(&scene, anna, limit: 1000, before: before)
            numbers += rest.numbers
            next = rest.next
        }
        #expect(numbers == (1...40).reversed())
    }

    @Test("Somebody else's task, job, log or room looks like none")
    func foreign() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1, job: "j"))
        for reference in [TaskReference.id(.test(1)), .number(1)] {
            #expect(!scene.ask(.task(reference, anna)).isNothing && scene.ask(.task(reference, bert)).isNothing)
            #expect(scene.ask(.taskLog(reference, from: 0, bert)).isNothing)
        }
        #expect(!scene.ask(.job("j", anna)).isNothing && scene.ask(.job("j", bert)).isNothing)
        scene.open(7, user: "anna")
        scene.open(8, user: "bert")
        for room in [Room.task(.test(1)), .job("j")] {
            #expect(scene.join(7, room).joined.count == 1)
            #expect(scene.join(8, room).refusals == [.unknownRoom])
        }
        #expect(scene.report(1, scene.run(1), .started).publications.count == 1, "both rooms, one event")
        var filter = RoomFilter()
        filter.statuses = ["lost"]
        #expect(scene.join(7, .base(.tasks), filter).joined.count == 1)
    }

    @Test("What a task writes is read from anywhere, what comes twice is kept once, and the end is told")
    func logs() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        let run = scene.run(1)
        func write(_ offset: UInt64, _ text: String, _ stream: LogChunk.Stream = .stdout) {
            scene.report(1, run, .log(LogChunk(stream: stream, offset: offset, text: text)))
        }
        func read(from: UInt64) -> TaskLog? {
            if case .taskLog(let log) = scene.ask(.taskLog(.number(1), from: from, anna)) { log } else { nil }
        }
        #expect(read(from: 0) == TaskLog(chunks: [], next: 0, missed: 0, isComplete: false))
        write(0, "one ")
        write(4, "two")
        write(0, "one ")
        write(0, "oh", .stderr)
        #expect(read(from: 0)?.chunks.map(\.text) == ["one ", "two", "oh"])
        #expect(read(from: 2)?.chunks.map(\.text) == ["oh"] && read(from: 3)?.next == 3)
        scene.end(1, run)
        #expect(read(from: 3)?.isComplete == true)
    }
}
