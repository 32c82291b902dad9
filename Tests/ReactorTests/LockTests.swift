import Testing

@testable import Reactor

struct LockTests {
    @Test func threadsExcludeEachOther() {
        let counter = Guarded(0)
        let threads = (0..<4).map { _ in
            LoopThread.start(name: "counter") {
                for _ in 0..<25_000 { counter.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.withLock { $0 } == 100_000)
    }

    @Test func aWaitEndsWhenItsConditionHolds() {
        let value = Guarded(0)
        let thread = LoopThread.start(name: "setter") {
            for number in 1...3 {
                value.withLock { $0 = number }
                value.wake()
            }
        }
        #expect(value.wait(until: nil) { $0 == 3 ? $0 : nil } == 3)
        thread.join()
    }

    @Test func aWaitEndsAtItsDeadline() {
        let value = Guarded(0)
        let deadline = Clock.monotonicNanoseconds() + 5_000_000
        let result: Int? = value.wait(until: deadline) { _ in nil }
        #expect(result == nil && Clock.monotonicNanoseconds() >= deadline)
    }
}
