import Grid
import Testing

@testable import Hub

@Suite("Rolls, names and logs of tasks")
struct TaskCollectionsTests {
    @Test("A roll shows what an array of pairs would, whatever comes and goes")
    func roll() {
        var dice = Dice(5)
        var roll = TaskRoll()
        var plain: [(number: UInt64, slot: Int32)] = []
        for number in UInt64(1)...2000 {
            roll.append(Int32(number % 700), number: number)
            plain.append((number, Int32(number % 700)))
            if Int.random(in: 0..<3, using: &dice) > 0 {
                let gone = plain.remove(at: Int.random(in: 0..<plain.count, using: &dice))
                roll.remove(number: gone.number)
                #expect(roll.slot(of: gone.number) == nil)
            }
        }
        #expect(
            roll.count == plain.count && roll.slots == plain.map(\.slot) && roll.first(7) == plain.prefix(7).map(\.slot)
        )
        var seen: [Int32] = []
        roll.newestFirst(before: 1500) {
            seen.append($0)
            return seen.count < 50
        }
        #expect(seen == plain.filter { $0.number < 1500 }.suffix(50).reversed().map(\.slot))
    }

    @Test("Names are paged in their order")
    func names() {
        var names = JobNames()
        for name in ["c", "a", "d", "b", "a"] { names.insert(name) }
        names.remove("d")
        names.remove("x")
        #expect(
            Array(names.page(limit: 2, after: nil).names) == ["a", "b"] && !names.page(limit: 2, after: nil).isLast)
        #expect(
            Array(names.page(limit: 2, after: "aa").names) == ["b", "c"] && names.page(limit: 2, after: "aa").isLast)
        #expect(names.page(limit: 2, after: "c").names.isEmpty)
    }

    @Test("A task's log keeps its end, all logs together the newest, and what is gone is counted")
    func logs() {
        var logs = TaskLogs(taskBytes: 1000, totalBytes: 2500)
        func chunk(_ number: Int) -> LogChunk {
            LogChunk(stream: .stdout, offset: UInt64(number), text: String(repeating: "x", count: 136))
        }
        for number in 0..<10 { logs.append(chunk(number), of: 1) }
        let kept = logs.read(1, from: 0)
        #expect(kept.chunks.map(\.offset) == [5, 6, 7, 8, 9] && kept.next == 10 && kept.missed == 5)
        #expect(logs.read(1, from: 7).missed == 0 && logs.read(1, from: 7).chunks.count == 3)
        for slot in Int32(2)...3 { for number in 0..<5 { logs.append(chunk(number), of: slot) } }
        #expect(logs.byteCount <= 2500 && logs.read(1, from: 0).chunks.count == 2, "the oldest of all go")
        logs.remove(1)
        logs.append(chunk(0), of: 1)
        #expect(logs.read(1, from: 0).chunks.count == 1 && logs.read(9, from: 4).next == 0)
        for number in 0..<20_000 { logs.append(chunk(number), of: Int32(number % 50)) }
        #expect(logs.byteCount <= 2500)
    }
}
