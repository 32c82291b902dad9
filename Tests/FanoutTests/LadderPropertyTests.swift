import Grid
import Reactor
import Testing

@testable import Fanout

/// Random histories of readers that stop and go on, against a naive model.
@Suite("Loop fan-out, random slow readers")
struct LadderPropertyTests {
    private struct Event {
        var offset: UInt64
        var subject: UInt64
    }

    private enum Heard {
        case event(UInt64)
        case skipped(count: Int, offsets: ClosedRange<UInt64>)
    }

    /// One reader with what the model says that it was shown.
    private final class Reader {
        let peer: FanoutBench.Peer
        var view: UInt32?
        var shown: [Event] = []
        /// Where it left, if it did.
        var ticket: UInt64?

        init(_ peer: FanoutBench.Peer) {
            self.peer = peer
            peer.subscriber.saysGoodbye = true
        }

        var heard: [Heard] {
            peer.texts.map { text in
                let numbers = text.dropFirst(text.hasPrefix("!") ? 1 : 0).split(separator: " ").compactMap {
                    UInt64($0)
                }
                return text.hasPrefix("!")
                    ? .skipped(count: Int(numbers[0]), offsets: numbers[1]...numbers[2]) : .event(numbers[0])
            }
        }
    }

    private func limits(_ random: inout Seeded, isCapped: Bool) -> FanoutLimits {
        var limits = FanoutLimits()
        limits.conflateBytes = [2 << 10, 8 << 10, 32 << 10].randomElement(using: &random) ?? 8 << 10
        if isCapped {
            limits.classBytes = 2 * Limits.segmentBytes
            limits.rescuedBytes = [4 << 10, 64 << 10].randomElement(using: &random) ?? 64 << 10
            limits.rescuedBytesTotal = 2 * limits.rescuedBytes
        }
        return limits
    }

    @Test(
        "nothing is lost in silence, nothing comes twice, and a ticket says where to go on",
        arguments: 1...120, [false, true])
    func history(seed: UInt64, isCapped: Bool) throws {
        var random = Seeded(seed)
        let bench = try FanoutBench(limits: limits(&random, isCapped: isCapped))
        defer { bench.close() }
        var readers: [Reader] = []
        for _ in 0..<500 {
            step(bench, &readers, &random)
        }
        for reader in readers where reader.ticket == nil && Int.random(in: 0..<4, using: &random) == 0 {
            reader.ticket = reader.peer.subscriber.withdraw().first?.position.offset
            if reader.ticket != nil { reader.view = nil }
        }
        bench.settle()
        collectTickets(readers)
        for reader in readers { check(reader, isCapped: isCapped) }
    }

    private func step(_ bench: FanoutBench, _ readers: inout [Reader], _ random: inout Seeded) {
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<30 where readers.count < 8:
            let size: Int32 = [2048, 4096, 16384].randomElement(using: &random) ?? 4096
            guard let peer = try? bench.connect(socketBytes: size) else { return }
            readers.append(Reader(peer))
            show(UInt32.random(in: 0..<3, using: &random), readers[readers.count - 1], bench)
        case 30..<45:
            guard let reader = readers.randomElement(using: &random) else { return }
            show(Bool.random(using: &random) ? UInt32.random(in: 0..<3, using: &random) : nil, reader, bench)
        case 45..<48:
            // Eleven seconds in which nobody takes anything.
            bench.fanout.review(now: bench.loop.now + 11_000_000_000)
        case 48..<250:
            bench.turn()
        case 250..<400:
            readers.randomElement(using: &random)?.peer.read(limit: Int.random(in: 1...20_000, using: &random))
        default:
            // Some events pass no view here.
            bench.logOffset += UInt64.random(in: 0...1, using: &random)
            let views = (0..<3).filter { _ in Int.random(in: 0..<3, using: &random) > 0 }.map(UInt32.init)
            let subject = Int.random(in: 0..<12, using: &random) == 0 ? 0 : UInt64.random(in: 1...5, using: &random)
            let text =
                "\(bench.logOffset + 1) " + String(repeating: "-", count: Int.random(in: 0..<2000, using: &random))
            bench.publish(text, views: views, subject: subject)
            let event = Event(offset: bench.logOffset, subject: subject)
            for reader in readers where reader.view.map(views.contains) == true { reader.shown.append(event) }
        }
        collectTickets(readers)
    }

    private func collectTickets(_ readers: [Reader]) {
        for reader in readers where reader.ticket == nil && reader.peer.subscriber.hasFallenBehind {
            reader.ticket = reader.peer.subscriber.positions.first?.position.offset
            #expect(reader.ticket != nil)
            reader.view = nil
        }
    }

    private func show(_ view: UInt32?, _ reader: Reader, _ bench: FanoutBench) {
        guard reader.ticket == nil else { return }
        bench.setView(reader.peer, view)
        reader.view = view
    }

    private func check(_ reader: Reader, isCapped: Bool) {
        let ticket = reader.ticket ?? .max
        let shown = reader.shown.filter { $0.offset <= ticket }
        let offsets = Set(shown.map(\.offset))
        var heard: [UInt64] = []
        var announced: [ClosedRange<UInt64>] = []
        var skipped = 0
        for message in reader.heard {
            switch message {
            case .skipped(let count, let range):
                skipped += count
                announced.append(range)
            case .event(let offset):
                // In order and once; nothing that the view did not let through, nothing behind the ticket.
                #expect(offset > heard.last ?? 0)
                #expect(offsets.contains(offset))
                heard.append(offset)
            }
        }
        let missing = offsets.subtracting(heard)
        for event in shown where missing.contains(event.offset) {
            #expect(event.subject != 0, "\(event.offset) is missing")
            #expect(announced.contains { $0.contains(event.offset) }, "\(event.offset) is missing in silence")
        }
        if reader.ticket == nil {
            #expect(skipped == missing.count)
        } else {
            // Some of what it was told it would not get lies behind its ticket.
            #expect(skipped >= missing.count)
        }
        if reader.ticket == nil, !isCapped {
            for subject in 1...5 as ClosedRange<UInt64> {
                guard let newest = shown.last(where: { $0.subject == subject }) else { continue }
                #expect(heard.contains(newest.offset), "the newest of subject \(subject) is missing")
            }
        }
        #expect(reader.peer.unparsed.isEmpty)
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): a history is its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
