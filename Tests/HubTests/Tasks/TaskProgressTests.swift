import Grid
import Testing

@testable import Hub

@Suite("Progress as it is told")
struct TaskProgressTests {
    @Test("Administrators get all of it and nothing twice, others so often")
    func unlimited() {
        var scene = Scene()
        scene.admitWorker(1)
        scene.submit(scene.wish(1))
        let run = scene.run(1)
        scene.open(10, user: "anna")
        scene.open(11, user: "boss", .admin)
        for session in [10, 11] as [UInt64] { scene.join(session, .base(.tasks)) }
        let looks = [10, 11].map { scene.hub.rooms.view(SessionID(bits: $0), .tasks) }
        var seen: [[Int]] = [[], []]
        func note(_ effects: [Effect]) {
            for publication in effects.publications {
                guard case .taskProgressed(let event) = publication.event.event else { continue }
                for place in looks.indices where looks[place].map(publication.views.contains) == true {
                    seen[place].append(event.progress.percent)
                }
            }
        }
        for (sequence, percent) in [(1, 10), (2, 20), (3, 30)] as [(UInt64, Int)] {
            note(scene.report(1, run, .progress(ProgressReport(sequence: sequence, percent: percent))))
        }
        note(scene.run(milliseconds: 500))
        note(scene.report(1, run, .progress(ProgressReport(sequence: 4, percent: 40))))
        note(scene.end(1, run))
        #expect(looks[0] != looks[1])
        #expect(seen == [[10, 30, 40], [10, 20, 30, 40]])
    }
}
