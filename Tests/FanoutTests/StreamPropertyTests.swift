import Grid
import Testing

@testable import Fanout

/// Random rooms, views, joins, leaves and slow readers, against a naive model.
@Suite("Streams, in every order of things")
struct StreamPropertyTests {
    private struct Event: Hashable {
        var room: BaseRoom
        var offset: UInt64
        var isReading: Bool
    }

    /// One follower, with what the model says that it is shown.
    private final class Reader {
        let peer: StreamBench.Peer
        let views: [BaseRoom: UInt32]
        let from: [BaseRoom: UInt64]
        var shown: [Event] = []
        var hasLeft = false

        init(_ peer: StreamBench.Peer, _ views: [BaseRoom: UInt32], from: [BaseRoom: UInt64]) {
            self.peer = peer
            self.views = views
            self.from = from
        }
    }

    @Test("each sees what its views let through, in order, once, and an id is true for all rooms", arguments: 1...60)
    func history(seed: UInt64) throws {
        var random = Seeded(seed)
        var limits = FanoutLimits()
        limits.conflateBytes = [4 << 10, 32 << 10, 1 << 20].randomElement(using: &random) ?? 4096
        let bench = try StreamBench(limits: limits)
        defer { bench.close() }
        var readers: [Reader] = []
        var events = 0
        for _ in 0..<600 { step(bench, &readers, &events, &random) }
        bench.settle()
        for reader in readers { check(reader) }
        #expect(bench.publisher?.encodedCount ?? .max <= UInt64(events), "an event is encoded once at most")
    }

    private func step(
        _ bench: StreamBench, _ readers: inout [Reader], _ events: inout Int, _ random: inout Seeded
    ) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<5 where readers.count < 16:
            let sizes: [Int32] = [2048, 8192, 1 << 20]
            guard let peer = try? bench.connect(socketBytes: sizes.randomElement(using: &random) ?? 2048) else {
                return
            }
            var views: [BaseRoom: UInt32] = [:]
            let rooms: [[BaseRoom]] = [[.nodes], [.general], [.nodes, .general]]
            // The same numbers in both rooms, as they come when one room's are freed.
            for room in rooms.randomElement(using: &random) ?? [] {
                views[room] = UInt32.random(in: 0..<3, using: &random)
            }
            readers.append(Reader(peer, views, from: bench.offsets))
            bench.follow(peer, views)
        case 5..<7:
            guard let reader = readers.randomElement(using: &random), !reader.hasLeft else { return }
            reader.peer.read()
            reader.hasLeft = true
            bench.leave(reader.peer)
        case 7..<25: bench.turn()
        case 25..<40: readers.randomElement(using: &random)?.peer.read(limit: Int.random(in: 1...9000, using: &random))
        default:
            let room: BaseRoom = Int.random(in: 0..<3, using: &random) == 0 ? .general : .nodes
            let isReading = room == .nodes && Bool.random(using: &random)
            let views = (UInt32(0)..<3).filter { _ in Bool.random(using: &random) }
            bench.publish(room, views: views, reading: isReading)
            events += 1
            let event = Event(room: room, offset: bench.offsets[room] ?? 0, isReading: isReading)
            for reader in readers where !reader.hasLeft {
                if let view = reader.views[room], views.contains(view) { reader.shown.append(event) }
            }
        }
    }

    private func check(_ reader: Reader) {
        #expect(reader.peer.isWellFormed)
        if !reader.hasLeft { #expect(!reader.peer.isTorn) }
        var place = 0
        var skipped = 0
        var announced = 0
        var last = reader.from
        for heard in reader.peer.heard {
            if heard.type == "conflated" {
                announced += Int(heard.data) ?? 0
                #expect(heard.id == nil)
                continue
            }
            // What it passes over was announced, and was readings.
            while place < reader.shown.count, heard.data.prefix(while: { $0 != "." }) != text(reader.shown[place]) {
                #expect(reader.shown[place].isReading, "\(text(reader.shown[place])) is missing")
                skipped += 1
                place += 1
            }
            guard place < reader.shown.count, let id = heard.id else {
                Issue.record("not owed, or without an id: \(heard)")
                return
            }
            checkID(id, after: place, of: reader, last: last)
            last = id
            place += 1
        }
        #expect(skipped <= announced)
        if !reader.hasLeft, reader.peer.subscriber.cause == nil {
            skipped += reader.shown[place...].count
            #expect(skipped == announced, "\(skipped) missing, \(announced) announced")
        }
    }

    /// An id must not go back, nor tell of an event that comes later, in any room.
    private func checkID(_ id: [BaseRoom: UInt64], after place: Int, of reader: Reader, last: [BaseRoom: UInt64]) {
        #expect(Set(id.keys) == Set(reader.views.keys))
        for (room, offset) in id {
            #expect(offset >= last[room] ?? 0)
            #expect(!reader.shown[(place + 1)...].contains { $0.room == room && $0.offset <= offset })
            #expect(!reader.shown[...place].contains { $0.room == room && $0.offset > offset })
        }
    }

    private func text(_ event: Event) -> String { "\(event.room.name) \(event.offset)" }

    @Test("an event is encoded once for streams and messages together")
    func encodesOnce() throws {
        let bench = try StreamBench()
        defer { bench.close() }
        bench.publish(.nodes, views: [0])
        #expect(bench.publisher?.encodedCount == 0)
        for rooms in [[.nodes], [.nodes, .general], [.general]] as [[BaseRoom]] {
            bench.follow(try bench.connect(), Dictionary(uniqueKeysWithValues: rooms.map { ($0, 0) }))
        }
        for framing in [Framing.webSocket, .webSocketDeflate] { bench.look(try bench.connect(), 0, framing: framing) }
        bench.publish(.nodes, views: [0])
        bench.publish(.general, views: [0])
        bench.publish(.general, views: [1])
        #expect(bench.publisher?.encodedCount == 2 && bench.publisher?.publishedCount == 2)
    }
}
