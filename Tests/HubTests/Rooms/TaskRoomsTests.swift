import Grid
import Testing

@testable import Hub

/// The rooms that only some dialects name.
@Suite("Rooms of a numbered task and of a user")
struct TaskRoomsTests {
    private func scene() -> Scene {
        var scene = Scene()
        for number in UInt64(1)...2 {
            scene.submit(scene.wish(number, user: number == 1 ? "anna" : "bert") { $0.runner = "" })
        }
        for (session, user) in [(50, "anna"), (51, "bert")] {
            scene.open(UInt64(session), user: user, .taskSubmit)
        }
        return scene
    }

    private func refusal(_ effects: [Effect]) -> Refusal? {
        for case .joinRefused(_, _, let refusal) in effects { return refusal }
        return nil
    }

    private func seen(_ scene: inout Scene, task: UInt64) -> [ViewID] {
        let fee = scene.hub.tasks.slot(of: .number(task)).map { scene.hub.tasks[$0].record.feeMicros ?? 0 } ?? 0
        let request = RequestID(session: SessionID(bits: 1), number: 1)
        let effects = scene.apply(.taskFeeSet(request, .number(task), feeMicros: fee + 1, Scene.boss))
        for case .publish(let publication) in effects { return publication.views }
        return []
    }

    @Test("They show their task's and their user's events, to the owner alone")
    func rooms() {
        var scene = scene()
        #expect(refusal(scene.join(50, .numberedTask(1))) == nil)
        #expect(seen(&scene, task: 1).count == 1 && seen(&scene, task: 2).isEmpty)
        #expect(refusal(scene.join(51, .tasksOf(UserID("bert")))) == nil)
        #expect(seen(&scene, task: 1).count == 1 && seen(&scene, task: 2).count == 1)
        for room in [Room.numberedTask(2), .numberedTask(9), .numberedTask(0), .tasksOf(UserID("bert"))] {
            #expect(refusal(scene.join(50, room))?.code == .unknownRoom, "\(room)")
        }
    }

    @Test("Who is in several of them gets an event once")
    func once() {
        var scene = scene()
        for room in [Room.numberedTask(1), .task(.test(1)), .tasksOf(UserID("anna"))] {
            #expect(refusal(scene.join(50, room)) == nil)
        }
        #expect(seen(&scene, task: 1).count == 1)
        scene.apply(.leaveRequested(SessionID(bits: 50), .tasksOf(UserID("anna"))))
        #expect(seen(&scene, task: 1).count == 1)
    }

    @Test("No native client can name one of them but by the task's UUID")
    func names() {
        for name in ["task:1", "user:anna"] { #expect(Room(name) == nil) }
        #expect(Room.numberedTask(7).name == "task:7" && Room.tasksOf(UserID("anna")).name == "tasks")
        #expect(Room.numberedTask(7).base == .tasks && Room.tasksOf(UserID("anna")).base == .tasks)
    }
}
