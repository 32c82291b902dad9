import Grid
import Testing

@testable import Hub

@Suite("Tasks of the router")
struct RoutedTasksTests {
    @Test("Slots are used again, ages never", arguments: 1...6)
    func slots(seed: UInt64) {
        var dice = Dice(seed)
        var tasks = RoutedTasks()
        var known: [(task: TaskID, slot: Int32, number: UInt64)] = []
        var most = 0
        for number in UInt64(0)..<500 {
            if known.isEmpty || Int.random(in: 0..<5, using: &dice) < 3 {
                let request = RoutingScene.request(number, .none)
                let slot = tasks.insert(request, user: 1, now: number)
                #expect(!known.contains { $0.slot == slot })
                #expect(known.allSatisfy { $0.number < tasks[slot].number })
                #expect(tasks[slot].state == .waiting && tasks[slot].since == number && tasks[slot].attempts == 1)
                #expect(tasks[slot].hint == ShapeIndexes.Hint(), "the former task's index is not its own")
                known.append((request.task, slot, tasks[slot].number))
            } else {
                let gone = known.remove(at: .random(in: known.indices, using: &dice))
                tasks.remove(gone.slot)
                #expect(tasks.slot(of: gone.task) == nil && tasks[gone.slot].state == .free)
            }
            most = max(most, known.count)
            for (task, slot, _) in known { #expect(tasks.slot(of: task) == slot) }
            #expect(known.allSatisfy { Int($0.slot) < most }, "free slots are used again")
        }
        for (place, entry) in known.enumerated() where place % 2 == 0 { tasks[entry.slot].state = .placed }
        var waiting: Set<TaskID> = []
        tasks.forEachWaiting { slot, task in
            #expect(tasks.slot(of: task.request.task) == slot)
            waiting.insert(task.request.task)
        }
        #expect(waiting == Set(known.indices.filter { $0 % 2 == 1 }.map { known[$0].task }))
    }
}
