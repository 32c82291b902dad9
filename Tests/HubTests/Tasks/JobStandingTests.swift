import Grid
import Testing

@testable import Hub

@Suite("What events of tasks tell of their job")
struct JobStandingTests {
    @Test("A lone task's job stands where the task does; its end is told once, with the result")
    func lone() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.open(7, user: "anna")
        scene.join(7, .base(.tasks))
        let submitted = scene.submit(scene.wish(101))
        #expect(submitted.standings.first == JobStanding(percent: 0, state: .pending))
        scene.report(1, scene.run(101), .started)
        let progress = scene.report(1, scene.run(101), .progress(ProgressReport(sequence: 1, percent: 40)))
        #expect(progress.standings.last == JobStanding(percent: 40, state: .running))
        let ended = scene.end(1, scene.run(101))
        #expect(ended.standings.last == JobStanding(percent: 100, state: .completed))
        #expect(ended.jobEnds == [.completed])
    }

    @Test("A job of several tasks is as far as their mean, and ends with the last of them")
    func several() {
        var scene = Scene()
        scene.admitWorker(1, gpus: 2)
        scene.open(7, user: "anna")
        scene.submit(scene.wish(101, job: "j"), scene.wish(102, job: "j"))
        #expect(scene.join(7, .job("j")).joined.count == 1)
        scene.report(1, scene.run(101), .started)
        let first = scene.end(1, scene.run(101), .exitStatus)
        #expect(first.standings.last == JobStanding(percent: 50, state: .running))
        #expect(first.jobEnds.isEmpty)
        scene.report(1, scene.run(102), .started)
        let second = scene.end(1, scene.run(102))
        #expect(second.standings.last == JobStanding(percent: 100, state: .failed))
        #expect(second.jobEnds == [.failed])
    }
}

extension [Effect] {
    fileprivate var standings: [JobStanding] {
        publications.compactMap {
            switch $0.event.event {
            case .taskUpdated(let event): event.jobStanding
            case .taskAssigned(let event): event.jobStanding
            case .taskProgressed(let event): event.jobStanding
            default: nil
            }
        }
    }

    fileprivate var jobEnds: [TaskState] {
        publications.compactMap { if case .taskUpdated(let event) = $0.event.event { event.jobEnd } else { nil } }
    }
}
