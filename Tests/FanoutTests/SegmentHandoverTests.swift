import Glibc
import Grid
import Reactor
import Synchronization
import Testing
import Wire

@testable import Fanout

/// The one memory that threads share without a lock: for ThreadSanitizer above all, which sees an access that nothing
/// has ordered even where the bytes happen to be right.
@Suite("Segments between threads")
struct SegmentHandoverTests {
    private static let events = 3000
    private static let readers = 3

    /// What all readers found.
    private final class Findings: Sendable {
        let frames = Atomic<Int>(0)
        let faults = Atomic<Int>(0)
    }

    private static func payload(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 + number &* 37 % 600)
    }

    /// Whether the frame is that of the event: its header, then its payload and nothing besides.
    private static func isFrame(_ bytes: UnsafeRawBufferPointer, of number: Int) -> Bool {
        let payload = payload(number)
        let head = payload.count < 126 ? 2 : 4
        guard let base = bytes.baseAddress, bytes.count == head + payload.count, bytes[0] == 0x81 else { return false }
        // `memcmp`, because an unoptimised loop in Swift is nothing that ThreadSanitizer sees.
        return memcmp(base + head, payload, payload.count) == 0
    }

    private static func read(_ box: Mailbox<Publisher.Message>, into findings: Findings) {
        var number = 0
        while true {
            let batch = box.receiveBlocking()
            if batch.isEmpty { return }
            for case .delivery(let delivery) in batch {
                let bytes = delivery.segment.bytes(from: delivery.start, to: delivery.end)
                if !isFrame(bytes, of: number) { findings.faults.add(1, ordering: .relaxed) }
                findings.frames.add(1, ordering: .relaxed)
                number += 1
            }
        }
    }

    @Test("every reader finds each frame whole while the writer goes on behind it")
    func handover() throws {
        let findings = Findings()
        let boxes = try (0..<Self.readers).map { _ in try Mailbox<Publisher.Message>(capacity: 64) }
        let threads = boxes.map { box in LoopThread.start(name: "reader") { Self.read(box, into: findings) } }
        do {
            let publisher = Publisher(loops: Self.readers, encode: { _, _, _ in }) { loop, message in
                // A full box is a reader that has not had its turn.
                while !boxes[loop].post(message) { sched_yield() }
            }
            let key = ClassKey(room: .general, dialect: .native, framing: .webSocket)
            for loop in 0..<Self.readers {
                publisher.setView(
                    SessionID(bits: UInt64(loop + 1)), loop: loop, key: key, view: ViewID(index: 0),
                    from: LogPosition(epoch: 1, offset: 0))
            }
            for number in 0..<Self.events {
                Self.payload(number).withUnsafeBytes {
                    publisher.publish(payload: $0, room: .general, dialect: .native, views: [ViewID(index: 0)])
                }
            }
        }
        for box in boxes { box.close() }
        for thread in threads { thread.join() }
        #expect(findings.frames.load(ordering: .relaxed) == Self.events * Self.readers)
        #expect(findings.faults.load(ordering: .relaxed) == 0)
    }
}
