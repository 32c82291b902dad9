import Glibc
import Testing

@testable import Reactor

struct MailboxTests {
    private struct Message: Sendable {
        let producer: Int
        let number: Int
    }

    /// Waits for room. - Returns: false once the box is closed.
    private static func post(_ message: Message, to box: Mailbox<Message>) -> Bool {
        while !box.post(message) {
            if box.isClosed { return false }
            sched_yield()
        }
        return true
    }

    @Test func manyThreadsLoseNothingAndKeepTheirOrder() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let box = try Mailbox<Message>(capacity: 256)
        let producers = 8
        let each = 20_000
        var next = [Int](repeating: 0, count: producers)
        var received = 0
        var disorder = false
        box.attach(to: harness.loop) { batch in
            for message in batch {
                if next[message.producer] != message.number { disorder = true }
                next[message.producer] += 1
                received += 1
            }
        }
        let threads = (0..<producers).map { producer in
            LoopThread.start(name: "producer \(producer)") {
                for number in 0..<each {
                    if !Self.post(Message(producer: producer, number: number), to: box) { return }
                }
            }
        }
        let limit = Clock.monotonicNanoseconds() + 60_000_000_000
        while received < producers * each && Clock.monotonicNanoseconds() < limit {
            // Without a time limit: a lost wake-up would hang here, and the limit above would not save it.
            harness.loop.runOnce(timeoutMilliseconds: 20_000)
        }
        // Where messages are missing the producers still wait for room, which nobody makes any more.
        box.close()
        for thread in threads { thread.join() }
        #expect(received == producers * each && !disorder)
        #expect(box.count == 0)
    }

    @Test func aPostWakesASleepingLoop() throws {
        let box = try Mailbox<Int>(capacity: 8)
        let answers = try Mailbox<Int>(capacity: 8)
        let thread = LoopThread.start(name: "sleeper") {
            guard let loop = try? EventLoop() else { return }
            box.attach(to: loop) { batch in
                for number in batch {
                    if number < 0 { loop.stop() } else { answers.post(number * 2) }
                }
            }
            answers.post(0)
            try? loop.run()
            loop.close()
        }
        #expect(answers.receiveBlocking(timeoutNanoseconds: 10_000_000_000) == [0])
        for number in 1...200 {
            #expect(box.post(number))
            #expect(answers.receiveBlocking(timeoutNanoseconds: 10_000_000_000) == [number * 2])
        }
        box.post(-1)
        thread.join()
        // The loop is gone; its mailbox is harmless.
        #expect(box.post(1))
    }

    @Test func aFullBoxRefuses() throws {
        let box = try Mailbox<Int>(capacity: 3)
        #expect(box.post(1))
        #expect(!box.post(contentsOf: [2, 3, 4]))
        #expect(box.post(contentsOf: [2, 3]))
        #expect(!box.post(4))
        #expect(box.count == 3)
        #expect(box.receiveBlocking(timeoutNanoseconds: 0) == [1, 2, 3])
        #expect(box.post(4))
    }

    @Test func aClosedBoxDeliversWhatItHasAndTakesNothing() throws {
        let box = try Mailbox<Int>(capacity: 3)
        box.post(1)
        box.close()
        #expect(!box.post(2) && !box.post(contentsOf: [2]) && box.isClosed)
        #expect(box.receiveBlocking() == [1])
        #expect(box.receiveBlocking() == [])
    }

    @Test func closingEndsABlockedReceive() throws {
        let box = try Mailbox<Int>(capacity: 3)
        let done = try Mailbox<Int>(capacity: 3)
        let thread = LoopThread.start(name: "receiver") {
            done.post(-1)
            done.post(box.receiveBlocking().count)
        }
        #expect(done.receiveBlocking(timeoutNanoseconds: 10_000_000_000).first == -1)
        box.close()
        thread.join()
        #expect(done.receiveBlocking(timeoutNanoseconds: 0).last ?? 0 == 0)
    }

    @Test func blockedReceiversLoseNothingEither() throws {
        let box = try Mailbox<Message>(capacity: 64)
        let producers = 4
        let each = 10_000
        let threads = (0..<producers).map { producer in
            LoopThread.start(name: "producer \(producer)") {
                for number in 0..<each {
                    if !Self.post(Message(producer: producer, number: number), to: box) { return }
                }
            }
        }
        defer {
            box.close()
            for thread in threads { thread.join() }
        }
        var next = [Int](repeating: 0, count: producers)
        while next.reduce(0, +) < producers * each {
            let batch = box.receiveBlocking(timeoutNanoseconds: 20_000_000_000)
            try #require(!batch.isEmpty, "a post was not announced")
            for message in batch {
                #expect(next[message.producer] == message.number)
                next[message.producer] += 1
            }
        }
    }

    @Test func aPostFromTheLoopItselfNeedsNoWakeup() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let box = try Mailbox<Int>(capacity: 8)
        var got: [[Int]] = []
        box.attach(to: harness.loop) { batch in
            got.append(batch)
            if batch == [1] { box.post(2) }
        }
        box.post(1)
        harness.loop.runOnce(timeoutMilliseconds: nil)
        #expect(got == [[1]])
        harness.loop.runOnce(timeoutMilliseconds: nil)
        #expect(got == [[1], [2]])
        #expect(harness.loop.statistics.events == 0)
    }

    @Test func aKeptBatchIsNotOverwritten() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let box = try Mailbox<Int>(capacity: 8)
        var kept: [[Int]] = []
        box.attach(to: harness.loop) { kept.append($0) }
        for number in 0..<5 {
            box.post(contentsOf: [number, number])
            harness.loop.runOnce(timeoutMilliseconds: 0)
        }
        #expect(kept == (0..<5).map { [$0, $0] })
    }

    @Test func aDetachedBoxKeepsItsMessages() throws {
        let harness = try LoopHarness()
        defer { harness.close() }
        let box = try Mailbox<Int>(capacity: 8)
        var got: [Int] = []
        box.attach(to: harness.loop) { got += $0 }
        box.post(1)
        box.detach(from: harness.loop)
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(got.isEmpty && box.count == 1)
        box.attach(to: harness.loop) { got += $0 }
        harness.loop.runOnce(timeoutMilliseconds: 0)
        #expect(got == [1])
    }
}
